let f = (n: number): number => n < 2 ? 1 : f(n - 1) * n; export const table = [1, 2, 3].map(x => ({ x, f: f(x) ?? 0 })); console.log(`${table.length}`)
