import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import fc from 'fast-check'
import { commandOf, start } from '../../test/support/child'
import { temporaryFolders } from '../../test/support/temporary'
import { openLineLog, StreamLineLog, type LineLog } from './line-log'

const newFolder = temporaryFolders()
const newPath = () => join(newFolder(), 'verdicts.ndjson')

async function linesOf(log: LineLog, from = 0): Promise<string[]> {
  const lines: string[] = []
  for await (const line of log.readLines(from)) lines.push(line)
  return lines
}

describe('a log of lines', () => {
  it('is a text that grows line by line', async () => {
    const path = newPath()
    const log = await openLineLog(path)
    await log.append(['{"a":1}', '{"b":2}'])
    await log.append([])
    await log.append(['{"c":"é"}'])
    expect(log.count).toBe(3)
    await log.close()
    expect(readFileSync(path, 'utf8')).toBe('{"a":1}\n{"b":2}\n{"c":"é"}\n')
  })

  it('knows its number of lines when it is opened again, and goes on behind them', async () => {
    const path = newPath()
    const log = await openLineLog(path)
    await log.append(['one', 'two'])
    await log.close()
    const again = await openLineLog(path)
    expect([again.count, again.repaired]).toEqual([2, undefined])
    await again.append(['three'])
    expect(await linesOf(again, 1)).toEqual(['two', 'three'])
    await again.close()
  })

  it('cuts a torn last line off and says so', async () => {
    const path = newPath()
    writeFileSync(path, 'one\ntwo\n{"half":')
    const log = await openLineLog(path)
    expect([log.count, log.repaired]).toEqual([2, { path, bytes: 8 }])
    await log.append(['three'])
    await log.close()
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\nthree\n')
  })

  it('is empty when all it had was half a line', async () => {
    const path = newPath()
    writeFileSync(path, 'half')
    const log = await openLineLog(path)
    expect([log.count, log.repaired]).toEqual([0, { path, bytes: 4 }])
    expect(await linesOf(log)).toEqual([])
    await log.close()
  })

  it('creates the folders above it', async () => {
    const path = join(newFolder(), 'a/b/verdicts.ndjson')
    await (await openLineLog(path)).close()
    expect(existsSync(path)).toBe(true)
  })

  it('refuses a line with a line break in it, and keeps none of that append', async () => {
    const log = await openLineLog(newPath())
    await expect(log.append(['one', 'two\nthree'])).rejects.toThrow('must not contain a line break')
    expect(log.count).toBe(0)
    await log.close()
  })

  it('reads from a line it has, to the end of what is there when the reading begins', async () => {
    const log = await openLineLog(newPath())
    await log.append(['one', 'two'])
    const reading = log.readLines(1)[Symbol.asyncIterator]()
    expect((await reading.next()).value).toBe('two')
    await log.append(['three'])
    expect((await reading.next()).done).toBe(true)
    expect(await linesOf(log, 3)).toEqual([])
    for (const wrong of [4, -1, 0.5]) {
      await expect(linesOf(log, wrong)).rejects.toThrow(`can be read from line 0 to 3, not from ${wrong}`)
    }
    await log.close()
  })

  it('refuses everything once it is closed, and may be closed twice', async () => {
    const log = await openLineLog(newPath())
    await log.close()
    await log.close()
    await expect(log.append(['one'])).rejects.toThrow('is closed; open it again')
    await expect(log.flush()).rejects.toThrow('closed')
    await expect(linesOf(log)).rejects.toThrow('closed')
  })

  it('is a list of lines, however long they are and wherever it is cut', async () => {
    const line = fc.oneof(
      fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', '')),
      fc.integer({ min: 1, max: 3_000_000 }).map((length) => 'x'.repeat(length)),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 8 }), fc.string({ maxLength: 5 }), async (lines, torn) => {
        const path = newPath()
        const log = await openLineLog(path)
        await log.append(lines)
        expect((await linesOf(log)).join('\n') === lines.join('\n')).toBe(true)
        await log.close()
        appendFileSync(path, torn.replaceAll('\n', ''))
        const again = await openLineLog(path)
        expect(again.count).toBe(lines.length)
        expect((await linesOf(again)).join('\n') === lines.join('\n')).toBe(true)
        await again.close()
      }),
      { numRuns: 30 },
    )
  })
})

it('a process that is killed while it appends loses no line it had flushed', async () => {
  const folder = newFolder()
  const child = start(commandOf('append-until-killed.ts', folder, '100000'))
  await child.nextLine()
  await new Promise((resolve) => setTimeout(resolve, 50))
  child.process.kill('SIGKILL')
  await child.ended
  const log = await openLineLog(join(folder, 'lines.ndjson'))
  expect(log.count).toBeGreaterThanOrEqual((JSON.parse(child.lines.at(-1)!) as { lines: number }).lines)
  const lines = await linesOf(log)
  expect(lines).toEqual(Array.from({ length: log.count }, (_, line) => JSON.stringify({ line })))
  await log.close()
})

describe('lines to the standard output', () => {
  it('begin at 0 and come in order', async () => {
    const child = start(commandOf('print-lines.ts', '1000'))
    await child.ended
    expect(child.lines.slice(0, -1)).toEqual(Array.from({ length: 1000 }, (_, line) => `line ${line}`))
    expect(child.process.exitCode).toBe(0)
  })

  it('end quietly when their reader goes', () => {
    const command = commandOf('print-lines.ts', '1000000')
    const run = spawnSync('bash', ['-c', '"$@" | head -n 2; echo "exit ${PIPESTATUS[0]}"', '-', ...command])
    expect(run.stdout.toString()).toBe('line 0\nline 1\nexit 0\n')
    expect(run.stderr.toString()).toMatch(/^abandoned after \d+ lines\n$/)
  })

  it('cannot be read back, and say what can', async () => {
    const log = await openLineLog('-')
    await expect(linesOf(log)).rejects.toThrow('write to a file to continue a run from it')
  })
})

describe('lines to a stream', () => {
  const streamOf = (code?: string): { stream: Writable; written: string[] } => {
    const written: string[] = []
    const error = code === undefined ? null : Object.assign(new Error(`${code}: as if`), { code })
    const stream = new Writable({
      write: (chunk, _encoding, done) => {
        written.push(String(chunk))
        done(error)
      },
    })
    return { stream, written }
  }

  it('are counted as they are taken; no lines are no write', async () => {
    const { stream, written } = streamOf()
    const log = new StreamLineLog(stream, 'the pipe')
    await log.append(['one', 'two'])
    await log.append([])
    await log.flush()
    expect([log.count, log.abandoned, written]).toEqual([2, false, ['one\ntwo\n']])
    await expect(log.append(['three\nfour'])).rejects.toThrow(
      'must not contain a line break, got "three\\nfour"',
    )
    expect(log.count).toBe(2)
    await log.close()
    expect(stream.writableFinished).toBe(true)
  })

  it('say why they could not be written, again and again, and can be closed', async () => {
    const { stream, written } = streamOf('EIO')
    const log = new StreamLineLog(stream, 'the pipe')
    for (const line of ['one', 'two']) {
      await expect(log.append([line])).rejects.toThrow(
        'the pipe could not be written (EIO: as if); check who reads it',
      )
    }
    expect([log.count, log.abandoned, written]).toEqual([0, false, ['one\n']])
    await log.close()
  })

  it('go nowhere once their reader has gone', async () => {
    const { stream, written } = streamOf('EPIPE')
    const log = new StreamLineLog(stream, 'the pipe')
    await log.append(['one'])
    await log.append(['two'])
    expect([log.count, log.abandoned, written]).toEqual([0, true, ['one\n']])
  })

  it('leave the standard output open, since others write there too', async () => {
    const log = await openLineLog('-')
    await log.close()
    expect(process.stdout.writableEnded).toBe(false)
  })
})

it('a folder is no file to write to', async () => {
  const folder = newFolder()
  await expect(openLineLog(folder)).rejects.toThrow(
    `${folder} should be a file to write to, but is a folder; name a file`,
  )
})

it('a device is written to and never cut', async () => {
  const log = await openLineLog('/dev/null')
  expect([log.count, log.repaired]).toEqual([0, undefined])
  await log.append(['one'])
  await log.close()
  expect(log.count).toBe(1)
})
