// Runs a WASI command under Node.js: node_wasi.mjs FOLDER MODULE ARG..., with FOLDER (if it exists) as the root directory.
import { existsSync, readFileSync } from "fs";
import { WASI } from "wasi";

const [, , folder, module, ...args] = process.argv;
const wasi = new WASI({
    version: "preview1",
    args: [module, ...args],
    env: {},
    preopens: existsSync(folder) ? { "/": folder } : {},
    returnOnExit: true,
});
const compiled = await WebAssembly.compile(readFileSync(module));
process.exit(wasi.start(await WebAssembly.instantiate(compiled, wasi.getImportObject())));
