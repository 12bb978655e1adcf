import { execFile } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { commands } from '../../src/cli/commands'
import { exitCodeMeanings, exitCodes } from '../../src/cli/exit-codes'
import { errorStatus } from '../../src/http/errors'
import { deadLetterReasons } from '../../src/ingest/dead-letter'
import { spanAttributes } from '../../src/runtime/traces'
import { settingsList } from '../../src/settings/load-settings'
import { declareMetrics } from '../../src/telemetry/metrics'
import { assay } from '../support/cli'
import { markdownFiles, read, root } from './markdown'

jest.setTimeout(120_000)

it('is what the code says; if not, run npm run docs', async () => {
  const args = ['-r', join(root, 'test/support/typescript.js'), join(root, 'scripts/docs/main.ts'), '--check']
  const { stderr } = await promisify(execFile)(process.execPath, args).catch(
    (error: unknown) => error as { stderr: string },
  )
  expect(stderr).toBe('')
})

describe('is whole: it names every', () => {
  const reference = markdownFiles()
    .filter((file) => file.startsWith('docs/reference/'))
    .map(read)
    .join('\n')
  const missing = (names: readonly string[]) => names.filter((name) => !reference.includes(`\`${name}\``))

  it('setting, by its path and its variable', () => {
    expect(settingsList.length).toBeGreaterThan(40)
    expect(missing(settingsList.flatMap(({ path, env }) => [path, env]))).toEqual([])
  })

  it('metric', () => {
    const names = declareMetrics()
      .registry.getMetricsAsArray()
      .map(({ name }) => name)
    expect(names.length).toBeGreaterThan(15)
    expect(missing(names)).toEqual([])
  })

  it('attribute of a span, where traces are told of', () => {
    const page = read('docs/how-to/traces.md')
    expect(Object.keys(spanAttributes).filter((name) => !page.includes(`\`${name}\``))).toEqual([])
  })

  it('exit code, which the help names as well', async () => {
    expect(missing(Object.values(exitCodes).map(String))).toEqual([])
    const help = (await assay(['--help'])).stdout.replaceAll(/\s+/g, ' ')
    for (const [name, code] of Object.entries(exitCodes)) {
      expect(help).toContain(`${code} ${exitCodeMeanings[name as keyof typeof exitCodes]}`)
    }
  })

  it('reason of a dead letter, and error of the API', () => {
    expect(missing([...Object.keys(deadLetterReasons), ...Object.keys(errorStatus)])).toEqual([])
  })

  it('command and option', () => {
    for (const make of commands) {
      const command = make(() => undefined)
      expect(reference).toContain(`## assay ${command.name()}`)
      expect(missing(command.options.map(({ flags }) => flags))).toEqual([])
    }
  })

  it('class of errors that the code can throw out of a file', () => {
    const names = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .flatMap((file) => [...read(join('src', file)).matchAll(/^export class (\w+) extends \w*Error\b/gm)])
      .map(([, name]) => name!)
    expect(names.length).toBeGreaterThan(10)
    expect(missing(names)).toEqual([])
  })
})

it('every alert of the rules in deploy/ is told of in a page', () => {
  const pages = markdownFiles()
    .filter((file) => /^(?:docs|deploy)\//.test(file))
    .map(read)
    .join('\n')
  expect(alertNames().filter((name) => !pages.includes(name))).toEqual([])
})

/** Names of alerts in whatever files of rules there are. */
function alertNames(): string[] {
  const folder = join(root, 'deploy')
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.ya?ml$/.test(file))
    .flatMap((file) => [
      ...readFileSync(join(folder, file), 'utf8').matchAll(/^\s*(?:- )?alert: *["']?([\w-]+)/gm),
    ])
    .map(([, name]) => name!)
}
