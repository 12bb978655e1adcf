/**
 * The console under a flood of verdicts in a real browser: when it is first seen on a cold start, how often it stutters,
 * and what it holds in memory; see the README.
 *
 *   node -r ./test/support/typescript.js test/trials/console.ts --seconds 180 --rate 50
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Browser, CDPSession } from 'playwright-core'
import { showConsole } from '../support/console'
import { openBrowser } from '../support/stack/browser'
import { verdictOf } from '../support/standing-promises'
import { runTrial } from './trial'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '180' },
    rate: { type: 'string', default: '50' },
  },
})

runTrial(async () => {
  const [seconds, rate] = [Number(values.seconds), Number(values.rate)]
  const shown = await showConsole()
  const browser = await openBrowser()
  try {
    const page = await browser.newPage()
    await page.addInitScript(watch)
    await page.goto(shown.url)
    await page.locator('.verdicts > li').first().waitFor()
    const firstPaintMs = await page.evaluate<number>(
      'performance.getEntriesByName("first-contentful-paint")[0].startTime',
    )
    const session = await page.context().newCDPSession(page)
    const frames = await watchFrames(browser, session)
    const late: Late = { tasksMs: [], frames: [] }
    const heapsMb: number[] = []
    let frameCount = 0
    // A collection that is asked for holds up the page as none of its own does.
    const weigh = async (): Promise<void> => {
      const seen = await frames.take()
      frameCount += seen.length
      late.frames.push(...seen.filter(({ ms }) => ms > stutterMs))
      late.tasksMs.push(...(await page.evaluate<number[]>('tasksMs')))
      heapsMb.push(await heapMb(session))
      await page.evaluate('beginAnew()')
      await frames.begin()
    }
    // What the start took is not what the flood takes.
    await sleep(2_000)
    await page.evaluate('beginAnew()')
    await frames.begin()
    const turnMs = 100
    const turns = (seconds * 1_000) / turnMs
    const startMs = performance.now()
    let sent = 0
    for (let turn = 1; turn <= turns; turn++) {
      const due = Math.round((turn * turnMs * rate) / 1_000)
      const verdicts = Array.from({ length: due - sent }, (_, at) => flooding(sent + at))
      sent = due
      await shown.publish(...verdicts)
      if (turn % Math.ceil(turns / 6) === 0) await weigh()
      await sleep(Math.max(0, startMs + turn * turnMs - performance.now()))
    }
    const tookSeconds = Math.round((performance.now() - startMs) / 1_000)
    await page.getByRole('link', { name: `flood-${sent - 1}`, exact: true }).waitFor()
    await weigh()
    const result = {
      ...{ firstPaintMs: Math.round(firstPaintMs), verdicts: sent, seconds: tookSeconds, frames: frameCount },
      ...{ tasksOver50Ms: late.tasksMs.length, longestTaskMs: longest(late.tasksMs) },
      framesOver100Ms: late.frames.length,
      lateFrames: late.frames.slice(0, 20),
      mostWorkedInAFrameMs: frames.mostWorkedMs(),
      ...{ heapMb: heapsMb, rows: await page.locator('.verdicts > li').count() },
    }
    process.stdout.write(`${JSON.stringify(result)}\n`)
  } finally {
    await browser.close()
    await shown.close()
  }
})

interface Frame {
  /** From the frame before to this one. */
  readonly ms: number
  /** How long of it the thread of the page was at work; for the rest it waited, for something to do or for a core. */
  readonly workedMs: number
}

interface Late {
  readonly tasksMs: number[]
  readonly frames: Frame[]
}

/** Runs in the page, whose types are not here: notes tasks that held it up, and asks for every frame. */
const watch = `
  globalThis.tasksMs = []
  let sinceMs = 0
  globalThis.beginAnew = () => {
    tasksMs = []
    sinceMs = performance.now()
  }
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) if (startTime >= sinceMs) tasksMs.push(duration)
  }).observe({ type: 'longtask', buffered: true })
  const next = () => requestAnimationFrame(next)
  next()
`

/**
 * The frames of a page by the browser's own trace, which tells the time of the thread beside that of the clock: a page
 * that is given no core is late as well, and no fault of its own.
 */
async function watchFrames(
  browser: Browser,
  session: CDPSession,
): Promise<{ begin(): Promise<void>; take(): Promise<Frame[]>; mostWorkedMs(): number }> {
  const tracing = await browser.newBrowserCDPSession()
  const { frameTree } = await session.send('Page.getFrameTree')
  let events: FrameEvent[] = []
  let mostWorkedMs = 0
  tracing.on('Tracing.dataCollected', ({ value }) => {
    for (const event of value as unknown as FrameEvent[]) {
      if (event.name === 'FireAnimationFrame' && event.args.data.frame === frameTree.frame.id)
        events.push(event)
    }
  })
  return {
    async begin() {
      events = []
      await tracing.send('Tracing.start', {
        transferMode: 'ReportEvents',
        traceConfig: { includedCategories: ['devtools.timeline'], traceBufferSizeInKb: 512 * 1024 },
      })
    },
    async take() {
      const complete = new Promise<{ dataLossOccurred: boolean }>((resolve) =>
        tracing.once('Tracing.tracingComplete', resolve),
      )
      await tracing.send('Tracing.end')
      if ((await complete).dataLossOccurred)
        throw new Error('The trace of the browser did not hold all frames')
      const sorted = [...new Map(events.map((event) => [event.ts, event])).values()].sort(
        (a, b) => a.ts - b.ts,
      )
      // What asked for the same frame is called one right after the other.
      const fired = sorted.filter(({ ts }, at) => {
        const before = sorted[at - 1]
        return before === undefined || ts - (before.ts + before.dur) > 1_000
      })
      const frames = fired.slice(1).map(({ ts, tts }, at) => ({
        ms: tenths(ts - fired[at]!.ts),
        workedMs: tenths(tts - fired[at]!.tts),
      }))
      mostWorkedMs = Math.max(mostWorkedMs, ...frames.map(({ workedMs }) => workedMs))
      return frames
    },
    mostWorkedMs: () => mostWorkedMs,
  }
}

interface FrameEvent {
  readonly name: string
  /** In microseconds: when it began and how long it took by the clock, and when by the time of the thread. */
  readonly ts: number
  readonly dur: number
  readonly tts: number
  readonly args: { readonly data: { readonly frame: string } }
}

const stutterMs = 100

function tenths(microseconds: number): number {
  return Math.round(microseconds / 100) / 10
}

function longest(list: readonly number[]): number {
  return Math.round(Math.max(0, ...list))
}

/** What is in use once everything that nobody holds is gone. */
async function heapMb(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  return Math.round(usedSize / 1e5) / 10
}

/** Every third is a revision of the one before. */
function flooding(number: number): ReturnType<typeof verdictOf> {
  const isRevision = number % 3 === 2
  const of = isRevision ? number - 1 : number
  return verdictOf({
    ...{ verdictId: `v-flood-${of}`, accountId: `flood-${number}`, revision: isRevision ? 2 : 1 },
    ...{ detectedAt: Date.UTC(2026, 2, 1) + number * 20, status: isRevision ? 'escalated' : 'raised' },
  })
}
