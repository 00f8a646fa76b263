import { existsSync, readdirSync } from "node:fs";

const at = (path) => new URL(path, import.meta.url).pathname;

const project = (displayName, rootDir, testMatch) => ({
  displayName,
  rootDir,
  testMatch,
  testEnvironment: "node",
  testEnvironmentOptions: { customExportConditions: ["@multihome/source", "node", "node-addons"] },
  extensionsToTreatAsEsm: [".ts"],
  moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": ["$1.ts", "$1.js"] },
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      {
        jsc: { parser: { syntax: "typescript" }, target: "es2022" },
        module: { type: "es6" },
        sourceMaps: "inline",
      },
    ],
  },
});

const packages = readdirSync(at("./packages")).filter((name) =>
  existsSync(at(`./packages/${name}/package.json`)),
);

export default {
  // A limit against what hangs, not a measure: a busy machine may take ten times as long as an idle one.
  testTimeout: 60_000,
  projects: [
    ...packages.map((name) =>
      project(name, at(`./packages/${name}`), [
        "<rootDir>/src/**/*.test.ts",
        "<rootDir>/test/**/*.test.ts",
      ]),
    ),
    project("test", at("./test"), ["<rootDir>/**/*.test.ts"]),
  ],
  coverageProvider: "babel",
  collectCoverageFrom: ["packages/*/src/**/*.ts"],
};
