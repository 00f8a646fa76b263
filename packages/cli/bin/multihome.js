#!/usr/bin/env node
// Here, and not in dist: npm links commands at installation, which in a clone comes before the build.
import { existsSync } from "node:fs";

const main = new URL("../dist/main.js", import.meta.url);
if (existsSync(main)) await import(main.href);
else {
  console.error("error: multihome is not built yet: npm run build");
  process.exitCode = 1;
}
