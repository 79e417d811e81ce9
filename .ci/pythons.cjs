// Tests on a Python that was built for WebAssembly: other versions of the language without another machine.
//
//   node .ci/pythons.cjs PYODIDE PACKAGES [ARGUMENT_OF_PYTEST]...
//
// PYODIDE: a directory in which npm has installed the package pyodide; PACKAGES: one with what the tests import, without
// C extensions. There are no processes and no threads, so tests that start something have to be left out.
"use strict";
const path = require("path");
const [pyodide, packages, ...given] = process.argv.slice(2);
const { loadPyodide } = require(path.resolve(pyodide, "node_modules", "pyodide"));

async function main() {
  const python = await loadPyodide();
  for (const [place, root] of [["/project", path.resolve(__dirname, "..")], ["/packages", path.resolve(packages)]]) {
    python.FS.mkdirTree(place);
    python.FS.mount(python.FS.filesystems.NODEFS, { root }, place);
  }
  python.globals.set("given", python.toPy(given));
  return python.runPython(`
import os, sys
sys.path[:0] = ["/project", "/packages"]
sys.dont_write_bytecode = True
os.chdir("/project")
import pytest
print("Python", sys.version.split()[0])
int(pytest.main(["-q", "-p", "no:cacheprovider", "--capture=sys", *given]))
`);
}

main().then(
  (status) => process.exit(status),
  (error) => {
    console.error(String(error).slice(-3000));
    process.exit(3);
  },
);
