import { once } from 'node:events'
import { connect } from 'node:net'
import { Counter, Registry } from 'prom-client'
import { printed } from '../support/printed'
import { hostileStrings } from '../support/hostile-strings'
import { startServed } from '../support/served'
import { lineOf, verdictOf } from '../support/standing-promises'
import { table } from '../../src/cli/progress'
import { tell, tellLines } from '../../src/cli/tell'
import { explainError } from '../../src/cli/explain-error'
import { layOut } from '../../src/explain/layout'
import { printableJson } from '../../src/explain/name'
import { SettingsError } from '../../src/model/errors'
import { MemoryStanding } from '../../src/store/standing-memory'
import { keyPart } from '../../src/store/redis'

// Wherever foreign text leaves the process it is tried with everything that could act there. Pages: test/integration/console.

/** What acts on a terminal or hides in it. Lines end with a line feed of ours alone. */
const acting = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u3164]/u

describe.each(Object.entries(hostileStrings))('%s', (_name, text) => {
  it('does nothing on a terminal, and makes no row and no line of its own', () => {
    const rows = table([
      ['of', 'letters'],
      [text, '1'],
      ['ada', text],
    ])
    expect(rows).not.toMatch(acting)
    expect(rows.trimEnd().split('\n')).toHaveLength(3)
    const item = { text, details: [text] }
    const story = layOut(
      { title: text, sections: [{ title: text, items: [item, { ...item, isVerbatim: true }] }] },
      80,
    )
    expect(story).not.toMatch(acting)
    expect(story).not.toMatch(/^assay: /m)
  })

  it('is one line of the log, and in an error none that passes for ours', () => {
    const told = printed('stderr', () => {
      tell(`the topic ${text} is not there`)
    })
    expect(told).not.toMatch(acting)
    expect(told.trimEnd().split('\n')).toHaveLength(1)
    for (const error of [new SettingsError(`no setting ${text}`), new Error(`bug over ${text}`)]) {
      const lines = printed('stderr', () => {
        tellLines(explainError(error).text)
      })
      expect(lines).not.toMatch(acting)
      expect(lines.match(/^assay: /gm)).toHaveLength(1)
      for (const line of lines.trimEnd().split('\n').slice(1)) expect(line).toMatch(/^(?: {2}|$)/)
    }
  })

  it('is the same value in JSON, in one line that shows all there is of it', () => {
    const json = printableJson(JSON.stringify({ text, [text]: 1 }))
    expect(json).not.toMatch(acting)
    expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ text, [text]: 1 })))
  })

  it('stays within its label of a metric', async () => {
    const registry = new Registry()
    const counter = new Counter({ name: 'assay_a', help: 'a', labelNames: ['source'], registers: [registry] })
    counter.inc({ source: text })
    const lines = (await registry.metrics()).trimEnd().split('\n')
    expect(lines.filter((line) => !line.startsWith('#'))).toEqual([
      expect.stringMatching(/^assay_a\{source="(?:[^"\\\n]|\\["\\n])*"\} 1$/),
    ])
  })

  it('chooses no slot of a Redis cluster, and no key but its own', () => {
    const part = keyPart(text)
    expect(part).not.toMatch(/[{}:\s|?[\]]/)
    expect(part).not.toBe(keyPart(`${text}x`))
  })
})

it('comes out of the API as a value, in a stream as data of its event, and never as a header', async () => {
  const standing = new MemoryStanding()
  const ids = Object.values(hostileStrings)
  const server = await startServed({ standing, readiness: () => ids })
  try {
    const { port } = server.address
    const heard = listen(port)
    await heard.until((text) => text.includes('retry'))
    const verdicts = ids.map((accountId, at) => verdictOf({ verdictId: `v-${at}`, accountId }))
    await standing.apply({ log: 'verdicts', from: 0, records: verdicts.map(lineOf) })
    await heard.until((text) => text.includes(`id: ${ids.length - 1}\n`))
    const stream = heard.stop()
    const events = stream.split('\n').filter((line) => line.startsWith('event:'))
    expect(new Set(events)).toEqual(new Set(['event: verdict']))
    expect(events).toHaveLength(ids.length)
    expect(stream).not.toMatch(/[\u001b\u0000]|^set-cookie/m)

    for (const accountId of ids) {
      const response = await fetch(
        `http://127.0.0.1:${port}/api/v1/accounts/${encodeURIComponent(accountId)}`,
      )
      expect(await response.json()).toMatchObject({ accountId })
      expect(JSON.stringify([...response.headers])).not.toMatch(/admin|ada/)
    }
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`)
    expect(await ready.json()).toEqual({ ready: false, reasons: ids })
    // What asks is repeated nowhere in what it is told.
    const path = encodeURIComponent(hostileStrings['HTML']!)
    for (const where of [`/${path}`, `/api/v1/verdicts?cursor=${path}`, `/api/v1/verdicts/${path}`]) {
      const response = await fetch(`http://127.0.0.1:${port}${where}`)
      expect(await response.text()).not.toMatch(/onerror|script/)
      expect(response.headers.get('content-type')).toMatch(/^application\/json/)
    }
  } finally {
    await server.close()
  }
})

function listen(port: number) {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  let text = ''
  socket.on('data', (part: string) => (text += part))
  socket.write('GET /api/v1/events HTTP/1.1\r\nhost: a\r\n\r\n')
  return {
    until: async (isHeard: (text: string) => boolean): Promise<void> => {
      while (!isHeard(text)) await once(socket, 'data', { signal: AbortSignal.timeout(60_000) })
    },
    stop: (): string => {
      socket.destroy()
      return text
    },
  }
}
