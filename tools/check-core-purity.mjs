// Checks that pure packages (layers.mjs) touch no clock, chance, async or I/O, so that a run is a
// function of configuration, seed and inputs. Works on syntax alone.
//   node tools/check-core-purity.mjs [FOLDER]   FOLDER: the repository to check (default: this one)
//
// A name of a banned global may not even be declared again: that would hide its uses from readers.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import ts from "typescript";
import { PURE, PURE_MAY_USE, TEST_FILES } from "./layers.mjs";

const root = resolve(process.argv[2] ?? new URL("..", import.meta.url).pathname);

const CLOCK = "reads a clock; take the time as an argument";
const CHANCE = "draws chance; take a RandomSource with the configuration";
const ASYNC = "is asynchronous; queue an event for the caller to take";
const SCHEDULES = "schedules; offer a deadline by pollTimeout";
const IO = "does I/O or is not on every platform; that belongs to a driver";
const LOCALE = "depends on the machine's locale";
const HIDES = "can reach any global unseen";
const COLLECTOR = "shows when garbage is collected";

const BANNED_GLOBALS = new Map([
  ["Date", CLOCK],
  ["performance", CLOCK],
  ["Temporal", CLOCK],
  ["crypto", CHANCE],
  ["randomBytes", CHANCE],
  ["Promise", ASYNC],
  ["AsyncIterable", ASYNC],
  ["AsyncIterator", ASYNC],
  ["AsyncGenerator", ASYNC],
  ["PromiseLike", ASYNC],
  ["setTimeout", SCHEDULES],
  ["clearTimeout", SCHEDULES],
  ["setInterval", SCHEDULES],
  ["clearInterval", SCHEDULES],
  ["setImmediate", SCHEDULES],
  ["clearImmediate", SCHEDULES],
  ["queueMicrotask", SCHEDULES],
  ["requestAnimationFrame", SCHEDULES],
  ["MessageChannel", SCHEDULES],
  ["EventTarget", SCHEDULES],
  ["process", IO],
  ["Buffer", IO],
  ["require", IO],
  ["console", IO],
  ["fetch", IO],
  ["WebSocket", IO],
  ["XMLHttpRequest", IO],
  ["Worker", IO],
  ["navigator", IO],
  ["SharedArrayBuffer", IO],
  ["Atomics", IO],
  ["WebAssembly", IO],
  ["Intl", LOCALE],
  ["globalThis", HIDES],
  ["global", HIDES],
  ["eval", HIDES],
  ["Function", HIDES],
  ["WeakRef", COLLECTOR],
  ["FinalizationRegistry", COLLECTOR],
]);
const LOCALE_METHOD = /^(localeCompare|toLocale[A-Z]\w*)$/;

/** True where an identifier is only the name of a member, not a use of a variable. */
function isMemberName(node) {
  const parent = node.parent;
  return (
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    (ts.isQualifiedName(parent) && parent.right === node) ||
    ((ts.isPropertyAssignment(parent) ||
      ts.isPropertyDeclaration(parent) ||
      ts.isPropertySignature(parent) ||
      ts.isMethodDeclaration(parent) ||
      ts.isMethodSignature(parent) ||
      ts.isGetAccessorDeclaration(parent) ||
      ts.isSetAccessorDeclaration(parent)) &&
      parent.name === node) ||
    (ts.isBindingElement(parent) && parent.propertyName === node) ||
    (ts.isNamedTupleMember(parent) && parent.name === node)
  );
}

/** The package of an import: `@noble/hashes/sha2.js` -> `@noble/hashes`. */
const packageOf = (specifier) =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

function importProblem(name, specifier) {
  if (specifier.startsWith(".") || specifier.startsWith("@multihome/")) return undefined; // layers' job
  if (PURE_MAY_USE[packageOf(specifier)]?.includes(name)) return undefined;
  return `import of "${specifier}": a pure package imports only what tools/layers.mjs lists`;
}

function problemAt(name, node) {
  if (ts.isIdentifier(node)) {
    const reason = BANNED_GLOBALS.get(node.text);
    if (reason !== undefined && !isMemberName(node)) {
      return `${node.text} ${reason} (rename it if it is your own)`;
    }
    if (node.text === "Math" && !isMemberName(node)) {
      const parent = node.parent;
      if (!ts.isPropertyAccessExpression(parent) || parent.expression !== node) {
        return "Math is used only as Math.name, so that Math.random cannot hide";
      }
      if (parent.name.text === "random") return `Math.random ${CHANCE}`;
    }
    if (LOCALE_METHOD.test(node.text)) return `${node.text} ${LOCALE}`;
    return undefined;
  }
  if (node.kind === ts.SyntaxKind.AsyncKeyword) return `async ${ASYNC}`;
  if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier)) {
    return `await ${ASYNC}`;
  }
  if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) {
    return `import.meta ${IO}`;
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return `import() ${ASYNC}`;
  }
  if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
    return importProblem(name, node.moduleSpecifier.text);
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return importProblem(name, node.argument.literal.text);
  }
  return undefined;
}

const isTest = new RegExp(TEST_FILES);
const problems = [];
let files = 0;
for (const name of PURE) {
  const src = join(root, "packages", name, "src");
  const found = existsSync(src)
    ? readdirSync(src, { recursive: true }).filter((file) => /\.[cm]?tsx?$/.test(file))
    : [];
  let read = 0;
  for (const file of found.sort()) {
    const path = join(src, file);
    const shown = relative(root, path);
    if (isTest.test(shown)) continue;
    read++;
    const source = ts.createSourceFile(
      path,
      readFileSync(path, "utf8"),
      ts.ScriptTarget.ES2022,
      true,
    );
    const visit = (node) => {
      const problem = problemAt(name, node);
      if (problem !== undefined) {
        const { line, character } = source.getLineAndCharacterOfPosition(node.getStart(source));
        problems.push(`${shown}:${line + 1}:${character + 1} ${problem}`);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  if (read === 0) problems.push(`packages/${name}/src: no source was read`);
  files += read;
}

for (const problem of problems) console.error(problem);
console.log(
  `purity: ${files} files of ${PURE.length} packages, ${problems.length} problem${problems.length === 1 ? "" : "s"}`,
);
process.exit(problems.length === 0 ? 0 : 1);
