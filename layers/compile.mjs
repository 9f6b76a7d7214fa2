// Compiles every .py file below a folder with the CPython that Pyodide carries.
// Arguments: Pyodide's folder, the folder to compile, compile_tree.py. Prints the latter's report.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [pyodide, folder, script] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${pyodide}/pyodide.mjs`).href);
const python = await loadPyodide();
python.FS.mkdirTree("/trees");
python.FS.mount(python.FS.filesystems.NODEFS, { root: folder }, "/trees");
console.log(python.runPython(`${readFileSync(script, "utf-8")}\ncompile_trees("/trees")`));
