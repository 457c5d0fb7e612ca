"""A module in the text format as bytes."""
import os
import subprocess
import tempfile


def text_module(text):
    with tempfile.TemporaryDirectory() as folder:
        source, module = os.path.join(folder, "m.wat"), os.path.join(folder, "m.wasm")
        with open(source, "w") as f:
            f.write(text)
        subprocess.run(["wat2wasm", "--enable-all", source, "-o", module], check=True)
        with open(module, "rb") as f:
            return f.read()
