// Builds ../static from src/ and style/. `make web` runs it; the page needs nothing of this at run time.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const there = join(here, "..", "static");
const LICENCES = { preact: "preact" };

await rm(there, { recursive: true, force: true });
await mkdir(there, { recursive: true });
await build({
  absWorkingDir: here,
  entryPoints: { app: "src/main.jsx", style: "style/main.css" },
  outdir: there,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  logLevel: "warning",
});
await copyFile(join(here, "index.html"), join(there, "index.html"));
await copyFile(join(here, "icon.svg"), join(there, "icon.svg"));
await writeFile(join(there, "licences.txt"), await licences());
await writeFile(join(there, "build.json"), `${JSON.stringify({ sources: await digest() })}\n`);

async function licences() {
  const told = [];
  for (const [name, folder] of Object.entries(LICENCES)) {
    const { version } = JSON.parse(await readFile(join(here, "node_modules", folder, "package.json"), "utf8"));
    told.push(`${name} ${version}\n\n${(await readFile(join(here, "node_modules", folder, "LICENSE"), "utf8")).trim()}\n`);
  }
  return `app.js has these in it, apart from what is metaquery's own.\n\n${told.join("\n\n")}`;
}

// The same as in tests/unit/explorer/test_build.py: each file's name and content, in the order of names.
async function digest() {
  const hash = createHash("sha256");
  for (const file of await files(here)) {
    hash.update(`${file}\0`);
    hash.update(await readFile(join(here, file)));
    hash.update("\0");
  }
  return hash.digest("hex");
}

async function files(root) {
  const found = await readdir(root, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .filter((file) => !file.startsWith("node_modules/"))
    .sort();
}
