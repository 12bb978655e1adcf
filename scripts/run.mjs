// The one door to every npm script: it makes sure that what a command needs is installed and built, says in one
// sentence what is missing, and hands over. It imports only Node's own modules, since it runs before any install.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const windows = process.platform === 'win32'
const [task = 'start', ...rest] = process.argv.slice(2)

const commands = {
  start: () => assay('demo', ...rest),
  assay: () => assay(...rest),
  // What it is compared with is installed by the tests' own means, so that this comparison is not in the product.
  bench: () =>
    rest.includes('--peers') ? typescript('test/trials/peers.ts', ...rest) : assay('bench', ...rest),
  'evaluate:real': () => assay('evaluate', '--real', ...rest),
  'evaluate:simulated': () => assay('evaluate', '--simulated', ...rest),
  stack: () => stack('main.ts', ...rest),
  'demo:kafka': () => stack('demo.ts', ...rest),
  docs: () => typescript('scripts/docs/main.ts', ...rest),
  mutants: () => typescript('test/mutation/main.ts', ...rest),
  test: () => {
    step('checking types, lint and format', windows ? 'npm.cmd' : 'npm', ['run', '-s', 'check'])
    return [process.execPath, [join(root, 'node_modules/jest/bin/jest.js'), ...rest]]
  },
}

requireNode()
const command = commands[task]
if (command === undefined) {
  fail(64, `no task "${task}"; there are ${Object.keys(commands).join(', ')}`)
}
install()
build()
const [file, args] = command()
// File names on the command line mean what they mean where the person stands; tests run where the code is.
const cwd = task === 'test' ? root : (process.env.INIT_CWD ?? root)
// Tables that have grown leave large arrays behind, which glibc else keeps for itself, and it has a heap for each thread: 70 MB of
// 670 at the peak of a replay.
const env = { MALLOC_MMAP_THRESHOLD_: '262144', MALLOC_ARENA_MAX: '2', ...process.env }
const child = spawn(file, args, { stdio: 'inherit', cwd, env })
// The child gets the terminal's signals itself; the door only stays open until it is through.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143)
})

function assay(...args) {
  return [process.execPath, [join(root, 'dist/cli/main.js'), ...args]]
}

function stack(file, ...args) {
  return typescript(join('test/support/stack', file), ...args)
}

function typescript(file, ...args) {
  return [process.execPath, ['-r', join(root, 'test/support/typescript.js'), join(root, file), ...args]]
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 20)) return
  fail(
    69,
    `Node 20.20 or newer is needed, this is ${process.versions.node}; get it from nodejs.org or your package manager`,
  )
}

/** Installs from the lock file when it differs from the one that was installed last. */
function install() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const mark = join(root, 'node_modules/.assay-installed')
  if (existsSync(mark) && readFileSync(mark, 'utf8') === lock) return
  step('installing packages from the lock file', windows ? 'npm.cmd' : 'npm', [
    'ci',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ])
  writeFileSync(mark, lock)
}

/** Builds when a source is newer than the last build. */
function build() {
  const mark = join(root, 'dist/.built')
  const builtAt = existsSync(mark) ? statSync(mark).mtimeMs : 0
  const sources = ['package.json', 'tsconfig.json', 'tsconfig.build.json'].map((name) => join(root, name))
  const newest = Math.max(newestIn(join(root, 'src')), ...sources.map((name) => statSync(name).mtimeMs))
  if (builtAt > newest) return
  mkdirSync(join(root, 'dist'), { recursive: true })
  step('building', process.execPath, [
    join(root, 'node_modules/typescript/bin/tsc'),
    '-p',
    'tsconfig.build.json',
  ])
  step('bundling the console', process.execPath, [join(root, 'scripts/build-console.mjs')])
  writeFileSync(mark, '')
}

function newestIn(folder) {
  let newest = statSync(folder).mtimeMs
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    newest = Math.max(newest, entry.isDirectory() ? newestIn(path) : statSync(path).mtimeMs)
  }
  return newest
}

/** Runs one preparing step; its output goes to stderr, so that stdout stays the command's own. */
function step(what, file, args) {
  process.stderr.write(`assay: ${what} ...\n`)
  const { status, error } = spawnSync(file, args, { cwd: root, stdio: ['ignore', 2, 2], shell: windows })
  if (status === 0) return
  fail(
    1,
    `${what} failed${error === undefined ? '' : `: ${error.message}`}; the lines above say why, and nothing was started`,
  )
}

function fail(code, sentence) {
  process.stderr.write(`assay: ${sentence}\n`)
  process.exit(code)
}
