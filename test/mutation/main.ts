import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/**
 * Changes each file that is named in small ways, one at a time, and tells which changes its tests do not notice:
 * `npm run mutants -- src/windows/panes.ts`.
 */

const root = join(__dirname, '../..')
const folder = 'coverage/mutants'

/** Tests elsewhere that state a promise of the file, beside those that stand next to it. */
const alsoTestedBy: Record<string, readonly string[]> = {
  'src/decide/decide-view.ts': ['src/decide/rulings.test.ts'],
  'src/decide/case-book.ts': ['src/decide/decide-view.test.ts', 'src/decide/rulings.test.ts'],
  'src/decide/rung-limits.ts': ['src/decide/rulings.test.ts'],
  'src/log/file-log.ts': ['test/conformance/log.test.ts'],
  'src/log/segment.ts': ['test/conformance/log.test.ts'],
  'src/log/sparse-index.ts': ['test/conformance/log.test.ts'],
  'src/log/memory-log.ts': ['test/conformance/log.test.ts'],
}

interface Mutant {
  readonly status:
    'Killed' | 'Timeout' | 'Survived' | 'NoCoverage' | 'Ignored' | 'RuntimeError' | 'CompileError'
  readonly mutatorName: string
  readonly replacement?: string
  readonly location: Record<'start' | 'end', { readonly line: number; readonly column: number }>
}

interface Report {
  readonly files: Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>
}

const files = process.argv.slice(2)
if (files.length === 0) {
  process.stderr.write('which files? for example: npm run mutants -- src/windows/panes.ts\n')
  process.exit(2)
}
const missing = files.filter((file) => !existsSync(join(root, file)))
if (missing.length > 0) {
  process.stderr.write(`no such file: ${missing.join(', ')}; names are relative to the checkout\n`)
  process.exit(2)
}
mkdirSync(join(root, folder), { recursive: true })
const report = mutate()
for (const file of files) tell(file, report)

/** All files in one run, since its start costs more than most files do. */
function mutate(): Report {
  const path = join(folder, 'report.json')
  const stryker = join(root, 'node_modules/@stryker-mutator/core/bin/stryker.js')
  const config = 'test/mutation/stryker.config.mjs'
  const tests = [...new Set(files.flatMap(testsOf))]
  const { status } = spawnSync(process.execPath, [stryker, 'run', config, '--mutate', files.join(',')], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, ASSAY_MUTANTS_REPORT: path, ASSAY_MUTANTS_TESTS: JSON.stringify(tests) },
  })
  if (status !== 0) throw new Error('the mutants were not run; the lines above say why')
  return JSON.parse(readFileSync(join(root, path), 'utf8')) as Report
}

/** The test beside the file, or where it has none those of its folder, and those that are told of above. */
function testsOf(file: string): string[] {
  const own = file.replace(/\.ts$/, '.test.ts')
  const near = existsSync(join(root, own)) ? own : `${dirname(file)}/*.test.ts`
  return [near, ...(alsoTestedBy[file] ?? [])]
}

function tell(file: string, { files }: Report): void {
  const { source, mutants } = files[file]!
  const count = (...wanted: Mutant['status'][]): number =>
    mutants.filter(({ status }) => wanted.includes(status)).length
  const killed = count('Killed', 'Timeout')
  const survived = count('Survived', 'NoCoverage')
  const byClock = count('Timeout')
  const clock = byClock === 0 ? '' : `, ${byClock} of them without end`
  const percent = ((100 * killed) / Math.max(1, killed + survived)).toFixed(1)
  print(
    `${file}: ${killed + survived} mutants, ${killed} killed (${percent} %)${clock}, ${survived} survived`,
  )
  const lines = source.split('\n')
  for (const { status, mutatorName, location, replacement = '' } of mutants) {
    if (status !== 'Survived' && status !== 'NoCoverage') continue
    const { start, end } = location
    const line = lines[start.line - 1]!
    const was = start.line === end.line ? line.slice(start.column - 1, end.column - 1) : `${line.trim()} …`
    const unseen = status === 'NoCoverage' ? ', which no test runs' : ''
    print(
      `  ${basename(file)}:${start.line}:${start.column} ${mutatorName}${unseen}: ${brief(was)} → ${brief(replacement)}`,
    )
  }
}

function brief(code: string): string {
  const line = code.replace(/\s+/g, ' ')
  return line.length > 70 ? `${line.slice(0, 70)}…` : line
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
