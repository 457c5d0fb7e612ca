import * as net from "wasi_net";
const a = [];
for (let i = 0; i < 2000; i++) a.push((i * 7919) % 1009);
a.sort((x, y) => x - y);
print(a.slice(0, 5).join(), JSON.stringify({ n: a.length, s: a.reduce((x, y) => x + y) }));
print(2n ** 200n, "12 34 56".replace(/(\d)(\d)/g, "$2$1"), Math.sqrt(2), new Set(a).size);
function* g() { yield 1; yield 2; }
print([...g()], (() => { try { null.x } catch (e) { return e.constructor.name } })());
for (const ask of [() => net.nsloopup("example", "http"), () => net.WasiTcpConn.connect("1.2.3.4:80")])
    try { print(ask()); } catch (e) { print("no network:", e); }
