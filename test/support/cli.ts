import { transformFileSync } from '@swc/core'
import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { putInPlace } from './put-in-place'

/** How a command ended, and everything it said. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly process: ChildProcess
  readonly ended: Promise<Ended>
}

export interface RunOptions {
  readonly cwd?: string
  /** What the command reads; without it, nothing. */
  readonly input?: string | Buffer
  /** Leaves the pipe open behind the input; the test closes it, or does not. */
  readonly staysOpen?: boolean
  /** The main file of another build; without it, of the source as it is. */
  readonly cli?: string | undefined
  /** Runs the command under another one, such as a shell that sets a limit first. */
  readonly under?: readonly string[]
}

/** Runs a command of assay in a process of its own and waits for its end. */
export function assay(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return startAssay(args, options).ended
}

/** The sentences that a command has said on stderr beside its books, in order. */
export function remarksIn(stderr: string): string[] {
  return stderr.split('\n').filter((line) => line.startsWith('assay: '))
}

export function startAssay(args: readonly string[], options: RunOptions = {}): Running {
  const { under = [], cwd, input = '', staysOpen = false, cli = builtCli() } = options
  const [command, ...rest] = [...under, process.execPath, cli, ...args]
  const child = spawn(command!, rest, {
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  })
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (texts[name] += text))
  }
  // The command may end before it has read everything.
  child.stdin.on('error', () => undefined)
  if (staysOpen) child.stdin.write(input)
  else child.stdin.end(input)
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      resolve({ code, signal, ...texts })
    })
  })
  return { process: child, ended }
}

let built: string | undefined

/**
 * The command line built from the source as it is, in a folder named after what it was built from; so a test never runs
 * an old build, and those that run side by side share one.
 */
export function builtCli(): string {
  built ??= made(`cli-${sourceHash()}`, (folder) => {
    for (const file of sourceFiles()) {
      const path = join(folder, 'dist', file.slice('src/'.length).replace(/\.ts$/, '.js'))
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, transformFileSync(join(root, file), swcOptions).code)
    }
    cpSync(join(root, 'package.json'), join(folder, 'package.json'))
    symlinkSync(join(root, 'schemas'), join(folder, 'schemas'))
    execFileSync(process.execPath, [join(root, 'scripts/build-console.mjs'), join(folder, 'dist/console')])
  })
  return join(built, 'dist/cli/main.js')
}

/** The folder of the console, built from the source as it is. */
export function builtConsole(): string {
  return join(dirname(builtCli()), '../console')
}

/** A file of simulated events and what replaying it gives, made once and shared by all tests that ask for the same. */
export async function simulated(args: readonly string[]): Promise<{ events: string; labels: string }> {
  const name = `data-${hashOf([sourceHash(), ...args])}`
  const folder = join(cache, name)
  if (!existsSync(folder)) {
    const aside = `${folder}.${randomUUID()}`
    mkdirSync(aside, { recursive: true })
    const files = ['--out', join(aside, 'events.ndjson'), '--labels', join(aside, 'labels.ndjson')]
    const { code, stderr } = await assay(['simulate', ...args, ...files])
    if (code !== 0) throw new Error(`simulate ended with ${code}: ${stderr}`)
    putInPlace(aside, folder)
  }
  return { events: join(folder, 'events.ndjson'), labels: join(folder, 'labels.ndjson') }
}

const root = join(__dirname, '../..')
const cache = join(root, 'node_modules/.cache/assay-test')
const swcOptions = {
  jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  module: { type: 'commonjs' },
} as const

function made(name: string, make: (folder: string) => void): string {
  const folder = join(cache, name)
  if (existsSync(folder)) return folder
  forgetOld()
  const aside = `${folder}.${randomUUID()}`
  mkdirSync(aside, { recursive: true })
  make(aside)
  putInPlace(aside, folder)
  return folder
}

/** Removes what was made from sources of more than an hour ago; what is still wanted is made anew. */
function forgetOld(): void {
  mkdirSync(cache, { recursive: true })
  for (const name of readdirSync(cache)) {
    const { mtimeMs } = statSync(join(cache, name), { throwIfNoEntry: false }) ?? { mtimeMs: Infinity }
    if (mtimeMs < Date.now() - 3_600_000) rmSync(join(cache, name), { recursive: true, force: true })
  }
}

function sourceFiles(): string[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('console'))
    .map((file) => join('src', file))
    .sort()
}

/** The console is bundled by a script of its own. */
function consoleFiles(): string[] {
  const files = readdirSync(join(root, 'src/console'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(?:tsx?|css|html|svg)$/.test(file) && !file.endsWith('.test.ts'))
    .map((file) => join('src/console', file))
  return [...files, 'scripts/build-console.mjs'].sort()
}

function sourceHash(): string {
  const files = [...sourceFiles(), ...consoleFiles()]
  return hashOf(files.flatMap((file) => [file, readFileSync(join(root, file), 'utf8')]))
}

function hashOf(texts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(`${text.length}|`).update(text)
  return hash.digest('hex').slice(0, 16)
}
