#!/usr/bin/env node
// Here, and not in dist: npm links commands at installation, which comes before the build.
import "../dist/main.js";
