import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/**
 * Gives CommonJS entries the types of what `require()` returns: a function that carries the exports.
 *
 * `export =` needs a function declared in the file itself, and TypeScript can copy no signature by
 * name. So the entry's own declarations go to `<entry>.named.d.cts`, and `<entry>.d.cts` is written
 * from them: the function's signatures, merged with a namespace of the exports.
 *
 * @param {ReadonlyMap<string, string>} callable the exported function, by the entry's name
 * @returns {import("rollup").OutputPlugin}
 */
export function callableTypes(callable) {
  return {
    name: "callable-types",
    outputOptions(options) {
      const entryFileNames = (chunk) =>
        callable.has(chunk.name) ? `${chunk.name}.named.d.cts` : `${chunk.name}.d.cts`;
      return { ...options, entryFileNames };
    },
    writeBundle({ dir }) {
      for (const [entry, main] of callable) {
        const path = join(dir, `${entry}.d.cts`);
        const text = wrapper(join(dir, `${entry}.named.d.cts`), entry, main);
        writeFileSync(path, text);
        const errors = ts.getPreEmitDiagnostics(program(path));
        if (errors.length) this.error(`${path}: ${describe(errors)}\n\n${text}`);
      }
    },
  };
}

function program(path) {
  return ts.createProgram([path], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
    types: [],
    strict: true,
    noEmit: true,
  });
}

function describe(diagnostics) {
  return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

function wrapper(path, entry, main) {
  const compiled = program(path);
  const checker = compiled.getTypeChecker();
  const source = compiled.getSourceFile(path);
  const module = checker.getSymbolAtLocation(source);
  const target = (symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;

  const exported = checker.getExportsOfModule(module);
  const lookup = target(exported.find(({ name }) => name === main));
  const isMain = (symbol) => target(symbol) === lookup;
  const others = exported.filter((symbol) => !isMain(symbol)).map(({ name }) => name);
  if (others.includes("default")) {
    throw new Error(`the default export of a callable entry must be ${main}`);
  }

  const flags =
    ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope;
  const signatures = checker
    .getSignaturesOfType(checker.getTypeOfSymbol(lookup), ts.SignatureKind.Call)
    .map((signature) => {
      const doc = ts.getJSDocCommentsAndTags(signature.getDeclaration()).find(ts.isJSDoc);
      const text = checker.signatureToString(signature, undefined, flags);
      return `${doc ? `${doc.getText()}\n` : ""}declare function ${main}${text};`;
    });
  if (!signatures.length) throw new Error(`${main} of ${path} cannot be called`);

  // A signature may name what the entry does not export, or exports under another name.
  const words = new Set(signatures.join("\n").match(/[\w$]+/g));
  const hidden = checker
    .getSymbolsInScope(source, ts.SymbolFlags.Type | ts.SymbolFlags.Alias)
    .filter(({ declarations }) => declarations?.some((node) => node.getSourceFile() === source))
    .map(({ name }) => name)
    .filter((name) => words.has(name) && !exported.some((symbol) => symbol.name === name));
  if (hidden.length) appendFileSync(path, `export { ${hidden.join(", ")} };\n`);

  const names = exported.filter(isMain).map(({ name }) => `${main} as ${name}`);
  return [
    `import { ${[...others, ...hidden].join(", ")} } from "./${entry}.named.cjs";`,
    ...signatures,
    `declare namespace ${main} {`,
    `  export { ${[...names, ...others].join(", ")} };`,
    `}`,
    `export = ${main};`,
    ``,
  ].join("\n");
}
