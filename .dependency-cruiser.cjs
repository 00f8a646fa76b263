const { MAY_IMPORT, PURE, TEST_EQUIPMENT, TEST_FILES } = require("./tools/layers.mjs");

const anyOf = (names) => `(${names.join("|")})`;
const packages = Object.keys(MAY_IMPORT);

const layerRules = packages.flatMap((name) => {
  const inside = `^packages/${name}/`;
  const forbid = (allowed) => packages.filter((p) => p !== name && !allowed.includes(p));
  const rule = (suffix, from, upper) =>
    upper.length === 0
      ? []
      : [
          {
            name: `layer-${name}${suffix}`,
            comment: `packages/${name} may import only ${MAY_IMPORT[name].join(", ") || "nothing"} (tools/layers.mjs)`,
            severity: "error",
            from,
            to: { path: `^packages/${anyOf(upper)}/` },
          },
        ];
  return [
    ...rule("", { path: inside, pathNot: TEST_FILES }, forbid(MAY_IMPORT[name])),
    ...rule(
      "-test",
      { path: `${inside}.*(\\.test\\.ts$|^packages/${name}/test/)` },
      forbid([...MAY_IMPORT[name], ...TEST_EQUIPMENT]),
    ),
  ];
});

module.exports = {
  forbidden: [
    ...layerRules,
    {
      name: "no-circular",
      comment: "modules that need each other are one module, or miss a third below them",
      severity: "error",
      from: {},
      // Types alone may go round: they are gone when it runs.
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-deep-import",
      comment: "src/index.ts lists what a package exports; the rest is private",
      severity: "error",
      from: { path: "^packages/([^/]+)/" },
      to: { path: "^packages/([^/]+)/(?!src/index\\.ts$)", pathNot: "^packages/$1/" },
    },
    {
      name: "no-deep-import-from-outside",
      severity: "error",
      from: { path: "^(test|bench|examples)/" },
      to: { path: "^packages/[^/]+/(?!src/index\\.ts$)" },
    },
    {
      name: "no-node-in-core",
      comment: "cores do no I/O: only drivers and edge packages touch node:*",
      severity: "error",
      from: { path: `^packages/${anyOf(PURE)}/`, pathNot: TEST_FILES },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "no-test-in-source",
      severity: "error",
      from: { path: "^packages/", pathNot: TEST_FILES },
      to: { path: TEST_FILES },
    },
    {
      name: "no-dev-dependency-in-source",
      comment: "what a published source imports stands in its package's dependencies",
      severity: "error",
      from: { path: "^packages/[^/]+/src/", pathNot: TEST_FILES },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg"], pathNot: "^packages/" },
    },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "/(dist|build|fixtures)/" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["@multihome/source", "import", "node", "default", "types"],
      extensions: [".ts", ".js", ".mjs"],
    },
  },
};
