// The oracle: node_wasi.mjs --dir=HOST::GUEST [--env=N=V] [--stub=MODULE.NAME=I32]... FILE [ARG...] runs a WASI command of preview 1
// or its predecessor. Options as host.c has them: a stub returns its number, and how often it was called is printed last.
import { readFileSync, writeSync } from "fs";
import { WASI } from "wasi";

const preopens = {}, env = {}, stubs = {}, words = process.argv.slice(2);
while (words[0].startsWith("--")) {
    const [, name, value] = /^--(\w+)=(.*)$/.exec(words.shift());
    const [key, rest] = value.split(name === "dir" ? "::" : "=");
    if (name === "dir") preopens[rest] = key;
    else if (name === "env") env[key] = rest;
    else stubs[key] = { result: Number(rest), calls: 0 };
}
const module = await WebAssembly.compile(readFileSync(words[0]));
const old = WebAssembly.Module.imports(module).some((i) => i.module === "wasi_unstable");
const wasi = new WASI({ version: old ? "unstable" : "preview1", args: words, env, preopens, returnOnExit: true });
const imports = wasi.getImportObject();
for (const [key, s] of Object.entries(stubs)) {
    const [space, name] = key.split(".");
    imports[space] = { ...imports[space], [name]: () => (s.calls++, s.result) };
}
const code = wasi.start(await WebAssembly.instantiate(module, imports));
for (const [key, s] of Object.entries(stubs)) writeSync(1, `stub ${key}: ${s.calls} calls\n`);
process.exit(code);
