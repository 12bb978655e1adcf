import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { assay } from '../../test/support/cli'
import { temporaryFolders } from '../../test/support/temporary'

jest.setTimeout(120_000)

const newFolder = temporaryFolders()
const has = (shell: string) => {
  try {
    execFileSync(shell, ['-c', 'true'])
    return true
  } catch {
    return false
  }
}

describe('completion in bash', () => {
  let file: string
  beforeAll(async () => {
    file = join(newFolder(), 'assay.bash')
    const { code, stdout } = await assay(['completion', 'bash'])
    expect(code).toBe(0)
    writeFileSync(file, stdout)
  })

  /** What a real bash offers behind a line; the last word is the one that is being written. */
  function offered(...words: string[]): string[] {
    const script =
      'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _assay; printf "%s\\n" "${COMPREPLY[@]}"'
    const text = execFileSync('bash', ['-uc', script, 'bash', file, 'assay', ...words], { encoding: 'utf8' })
    return text.split('\n').filter((line) => line !== '')
  }

  it('offers commands, and those inside a command', () => {
    expect(offered('')).toEqual(expect.arrayContaining(['demo', 'run', 'replay', 'why-not', 'completion']))
    expect(offered('ba')).toEqual(['backtest'])
    expect(offered('policy', 's')).toEqual(['show', 'schema'])
    expect(offered('completion', '')).toEqual(['bash', 'zsh', 'fish'])
  })

  it('offers the options of the command that the line is at, wherever it is', () => {
    expect(offered('replay', 'day.ndjson', '--corr')).toEqual(['--corrections'])
    expect(offered('schemas', 'print', '--f')).toEqual(['--format'])
    expect(offered('policy', 'show', '--corr')).toEqual([])
  })

  it('offers the words that an option takes, and leaves files to the shell', () => {
    expect(offered('schemas', 'print', '--format', 'a')).toEqual(['avro', 'asyncapi'])
    expect(offered('replay', '--out', '')).toEqual([])
  })
})

// A shell that is not there cannot read what is made for it; the words in it are looked at all the same.
it.each(['zsh', 'fish'])(
  'completion in %s names every command and is taken by the shell, where there is one',
  async (shell) => {
    const { code, stdout } = await assay(['completion', shell])
    expect(code).toBe(0)
    const { stdout: bash } = await assay(['completion', 'bash'])
    const places = [...bash.matchAll(/place='([^']+)'/g)].map(([, words]) => words!)
    expect(places.length).toBeGreaterThan(20)
    expect(places.filter((words) => !stdout.includes(`'${words}`))).toEqual([])
    if (!has(shell)) return
    const file = join(newFolder(), `assay.${shell}`)
    writeFileSync(file, stdout)
    execFileSync(shell, ['-n', file])
  },
)
