// The oracle: node_wasi.mjs FOLDER MODULE ARG... runs a WASI command of preview 1 or its predecessor, FOLDER as root.
import { readFileSync } from "fs";
import { WASI } from "wasi";

const [, , folder, file, ...args] = process.argv;
const module = await WebAssembly.compile(readFileSync(file));
const old = WebAssembly.Module.imports(module).some((i) => i.module === "wasi_unstable");
const wasi = new WASI({
    version: old ? "unstable" : "preview1",
    args: [file, ...args],
    env: {},
    preopens: { "/": folder },
    returnOnExit: true,
});
process.exit(wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject())));
