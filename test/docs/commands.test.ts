import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { builtCli, simulated } from '../support/cli'
import { smallDay } from '../support/events'
import { startKafka } from '../support/stack/kafka'
import { freePorts } from '../support/stack/ports'
import { temporaryFolders } from '../support/temporary'
import { codeBlocks, markdownFiles, read, root } from './markdown'

jest.setTimeout(600_000)

const newFolder = temporaryFolders()
const stops: (() => Promise<unknown>)[] = []
afterAll(() => Promise.all(stops.map((stop) => stop())))

const documented = markdownFiles().filter((file) => file.startsWith('docs/'))
/** In another language they are the same commands, which need not be run again. */
const translated: Readonly<Record<string, string>> = {
  'docs/zh/tutorial.md': 'docs/tutorial/first-verdict.md',
}
const pages = documented.filter((file) => !(file in translated) && codeBlocks(read(file)).some(isRun))

it('there are pages whose commands are run, and each output in them belongs to some', () => {
  expect(pages.length).toBeGreaterThan(7)
  for (const page of documented) {
    const kinds = codeBlocks(read(page)).flatMap((block) =>
      isRun(block) ? ['run'] : isOutput(block) ? ['output'] : [],
    )
    expect([page, kinds.indexOf('output') === 0]).toEqual([page, false])
  }
})

it.each(Object.entries(translated))('%s has the commands of %s', (page, original) => {
  const commands = (file: string) =>
    codeBlocks(read(file))
      .filter(isRun)
      .map(({ code }) => code.replaceAll(' --lang zh', ''))
  expect(commands(page)).toEqual(commands(original))
})

it.each(pages)('the commands of %s do what the page says', async (page) => {
  const text = read(page)
  const folder = newFolder()
  const env = await environment(folder, text)
  const steps: { code: string; expected: string[] }[] = []
  for (const block of codeBlocks(text)) {
    // A block whose words are the name of a file is that file.
    if (/^[\w-]+\.\w+$/.test(block.about)) writeFileSync(join(folder, block.about), block.code)
    if (isRun(block)) steps.push({ code: block.code, expected: [] })
    else if (isOutput(block))
      steps.at(-1)!.expected.push(...block.code.split('\n').filter((line) => line.trim() !== ''))
  }
  const script = steps.map(({ code }, index) => `${code}\necho '@@ end of step ${index}'`).join('\n')
  const output = await run(
    script.replaceAll('127.0.0.1:8080', `127.0.0.1:${env['ASSAY_LISTEN_PORT']!}`),
    folder,
    env,
  )
  const parts = output.split(/@@ end of step \d+\n/)
  expect([parts.length - 1, parts.at(-1)]).toEqual([steps.length, ''])
  for (const [index, { expected }] of steps.entries()) {
    const lines = parts[index]!.split('\n').map(words)
    expect(expected.filter((line) => !lines.includes(words(line)))).toEqual([])
  }
})

/** How wide a column is depends on what else stands in it. */
function words(line: string): string {
  return line.trim().replaceAll(/\s+/g, ' ')
}

function isRun({ language, about }: { language: string; about: string }): boolean {
  return language === 'sh' && about === 'run'
}

function isOutput({ language, about }: { language: string; about: string }): boolean {
  return language === 'text' && about === 'output'
}

/** What a page presupposes: the command, packages, and what its comment "run with" names. */
async function environment(folder: string, text: string): Promise<Record<string, string>> {
  const bin = join(newFolder(), 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'assay'), `#!/bin/sh\nexec '${process.execPath}' '${builtCli()}' "$@"\n`)
  chmodSync(join(bin, 'assay'), 0o755)
  const [port] = await freePorts(1)
  const env = {
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    NODE_PATH: join(root, 'node_modules'),
    ASSAY_LISTEN_PORT: String(port),
  }
  const needed = /<!-- run with: (\w+) -->/.exec(text)?.[1]
  if (needed === 'day') {
    const { events, labels } = await simulated(smallDay)
    symlinkSync(events, join(folder, 'day.ndjson'))
    symlinkSync(labels, join(folder, 'labels.ndjson'))
  }
  if (needed !== 'kafka') return env
  const kafka = await startKafka()
  stops.push(() => kafka.stop())
  return { ...env, ASSAY_BROKERS: kafka.bootstrap, ASSAY_KAFKA_REPLICATION: '1' }
}

/** Runs a script as a person would type it, and gives all that it says; ends whatever it leaves running. */
async function run(script: string, cwd: string, env: Record<string, string>): Promise<string> {
  const file = join(newFolder(), 'page.sh')
  writeFileSync(file, `exec 2>&1\n${script}\n`)
  const child = spawn('bash', ['-e', file], {
    cwd,
    env: { ...process.env, ...env },
    detached: true,
  })
  const limit = setTimeout(() => {
    end()
  }, 500_000)
  const end = () => {
    try {
      process.kill(-child.pid!, 'SIGKILL')
    } catch {
      // Nothing is left.
    }
  }
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => (output += part))
  child.stdin.end()
  await new Promise((resolve) => child.once('close', resolve))
  clearTimeout(limit)
  end()
  return output
}
