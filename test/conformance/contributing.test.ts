import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { parsePolicy } from '../../src/policy/policy'
import { temporaryFolders } from '../support/temporary'

const root = join(__dirname, '../..')
const text = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')
const blocks = [...text.matchAll(/^```(\w+) (\S+)\n([^]*?)^```$/gm)].map(([, language, file, code]) => ({
  language: language!,
  file: file!,
  code: code!,
}))
const files = blocks.filter(({ language }) => language !== 'diff' && language !== 'json')
const newFolder = temporaryFolders()

describe('CONTRIBUTING', () => {
  it('points to what there is', () => {
    const links = [...text.matchAll(/\]\((?!#|https:)([^)#]+)/g)].map(([, path]) => path!)
    expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([])
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object }
    const named = [...text.matchAll(/npm (?:run )?([\w:]+)/g)].map(([, script]) => script!)
    expect(named.filter((script) => !(script in scripts))).toEqual([])
  })

  it('adds a detector in one folder, and in its list', () => {
    const folder = 'src/detectors/repeated-clicks'
    const names = ['README.md', 'detector.test.ts', 'detector.ts', 'params.ts']
    expect(files.map(({ file }) => file).sort()).toEqual(names.map((name) => `${folder}/${name}`))
    const changed = blocks.filter(({ language }) => language === 'diff').map(({ file }) => file)
    expect(new Set(changed)).toEqual(new Set(['src/detectors/index.ts']))
  })

  it('has an example that compiles, keeps its own promises and those of every detector', async () => {
    const copy = copyOfTheCode()
    for (const { file, code } of files) {
      mkdirSync(dirname(join(copy, file)), { recursive: true })
      writeFileSync(join(copy, file), code)
    }
    for (const { language, file, code } of blocks) {
      if (language !== 'diff') continue
      writeFileSync(join(copy, file), patched(readFileSync(join(copy, file), 'utf8'), code))
    }
    const example = { extends: './tsconfig.json', compilerOptions: { incremental: false, noEmit: true } }
    const include = ['src/detectors', 'src/policy']
    writeFileSync(join(copy, 'tsconfig.example.json'), JSON.stringify({ ...example, include }))

    await run(copy, 'typescript/bin/tsc', ['-p', 'tsconfig.example.json'])
    const tested = async (suites: number, args: string[]): Promise<string> => {
      const results = await run(copy, 'jest/bin/jest.js', ['--json', '--rootDir', copy, ...args])
      expect(JSON.parse(results)).toMatchObject({
        success: true,
        numTotalTestSuites: suites,
        numFailedTests: 0,
      })
      return results
    }
    await tested(2, ['src/policy'])
    // What all the others promise is asked of them elsewhere.
    const tests = ['src/detectors/repeated-clicks', 'test/conformance/detectors']
    const results = await tested(2, ['--testNamePattern', 'repeated.clicks', ...tests])
    expect(results).toContain('repeated-clicks is summed up in one sentence')
  }, 600_000)

  it('shows a policy that only waits for the detector', () => {
    const { code } = blocks.find(({ language }) => language === 'json')!
    expect(() => parsePolicy(JSON.parse(code))).toThrow(/repeated-clicks/)
    const { version } = JSON.parse(code) as { version: string }
    expect(parsePolicy({ version }).version).toBe('trial-1')
  })
})

/** What the example stands on, in a folder where it may be tried. */
function copyOfTheCode(): string {
  const copy = newFolder()
  for (const path of ['src', 'test/support', 'test/conformance/detectors.test.ts', 'package.json']) {
    cpSync(join(root, path), join(copy, path), { recursive: true })
  }
  for (const path of ['tsconfig.json', 'jest.config.js']) cpSync(join(root, path), join(copy, path))
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction')
  return copy
}

/** A text with the lines of a diff without line numbers: what stands together before stands together only once. */
function patched(text: string, diff: string): string {
  const lines = diff.trimEnd().split('\n')
  const side = (leftOut: string) =>
    lines
      .filter((line) => !line.startsWith(leftOut))
      .map((line) => line.slice(1))
      .join('\n')
  const before = side('+')
  if (text.split(before).length !== 2) throw new Error(`this should stand in the file once:\n${before}`)
  return text.replace(before, () => side('-'))
}

async function run(cwd: string, program: string, args: readonly string[]): Promise<string> {
  const command = [join(root, 'node_modules', program), ...args]
  try {
    return (await promisify(execFile)(process.execPath, command, { cwd, maxBuffer: 1 << 26 })).stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}\n${stderr}`, { cause: error })
  }
}
