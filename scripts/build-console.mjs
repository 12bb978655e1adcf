// Bundles src/console into a folder that the server serves as it is: a page, and files named by what is in them, each
// also compressed. `npm run build` does it; another folder may be named.
import { build } from 'esbuild'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const source = join(root, 'src/console')
const target = process.argv[2] ?? join(root, 'dist/console')

const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: [join(source, 'main.tsx')],
  bundle: true,
  minify: true,
  write: false,
  outdir: 'out',
  format: 'esm',
  target: ['es2022', 'chrome123', 'firefox121', 'safari17.5'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  logLevel: 'warning',
})

rmSync(target, { recursive: true, force: true })
mkdirSync(join(target, 'assets'), { recursive: true })
const parts = [
  ...outputFiles.map(({ path, contents }) => ({ name: path.slice(path.lastIndexOf('main')), contents })),
  { name: 'icon.svg', contents: readFileSync(join(source, 'icon.svg')) },
]
let page = readFileSync(join(source, 'index.html'), 'utf8')
for (const { name, contents } of parts) {
  const hash = createHash('sha256').update(contents).digest('hex').slice(0, 12)
  const named = `assets/${name.replace('.', `-${hash}.`)}`
  writeCompressed(named, Buffer.from(contents))
  page = page.replace(`%${name}%`, `/${named}`)
}
writeCompressed('index.html', Buffer.from(page))

function writeCompressed(/** @type {string} */ name, /** @type {Buffer} */ bytes) {
  const path = join(target, name)
  writeFileSync(path, bytes)
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }))
}
