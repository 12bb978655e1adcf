import type { ServerResponse } from 'node:http'
import type { Language } from '../explain/words/words'
import type { StandingReader, VerdictSummary } from '../store/standing'
import { ApiError } from './errors'
import { inLanguage } from './headlines'
import type { HttpLimits } from './limits'

/**
 * Sends new verdicts to whoever listens, as server-sent events. One look at the store serves all listeners, and none is
 * made while nobody listens. The id of an event is the verdict's position in the log, so a listener that comes back is
 * told what it missed; of more than five hundred the newest, after an event `gap` that says what was left out.
 */
export class LiveEvents {
  private readonly listeners = new Set<Listener>()
  private looking: NodeJS.Timeout | undefined
  private beating: NodeJS.Timeout | undefined
  private isLooking = false
  private isClosed = false

  constructor(
    private readonly standing: StandingReader,
    private readonly options: {
      readonly limits: Pick<HttpLimits, 'listeners' | 'listenersPerCaller'>
      readonly lookMs?: number
      readonly beatMs?: number
    },
  ) {}

  /**
   * Adds a listener that has seen everything up to a position, or wants what comes from now on. It is asked at every beat
   * whether it still may listen.
   */
  async add(
    response: ServerResponse,
    { seen, caller, language = 'en', isAllowed = () => true }: Listening,
  ): Promise<void> {
    this.checkRoom(caller)
    const newest = (await this.standing.verdicts({ limit: 1 })).items[0]?.position ?? -1
    // While the store was asked, this one may have gone, which nobody would tell it again, or the server may have closed.
    if (response.destroyed || this.isClosed) {
      response.destroy()
      return
    }
    // Others may have come.
    this.checkRoom(caller)
    // One that is ahead has listened to another log; it goes on with this one.
    const listener: Listener = {
      response,
      language,
      seen: Math.min(seen ?? newest, newest),
      passedOver: 0,
      caller,
      isAllowed,
    }
    this.listeners.add(listener)
    response.on('close', () => {
      this.remove(listener)
    })
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
    })
    response.write(': the newest verdicts, each once it is known\nretry: 2000\n\n')
    this.looking ??= setInterval(() => void this.look(), this.options.lookMs ?? 1_000)
    this.beating ??= setInterval(() => {
      this.beat()
    }, this.options.beatMs ?? 15_000)
    void this.look()
  }

  get count(): number {
    return this.listeners.size
  }

  close(): void {
    this.isClosed = true
    for (const { response } of this.listeners) response.end()
    for (const listener of this.listeners) this.remove(listener)
  }

  private checkRoom(caller: string): void {
    const { listeners, listenersPerCaller } = this.options.limits
    const ofCaller = [...this.listeners].filter((one) => one.caller === caller).length
    if (this.listeners.size < listeners && ofCaller < listenersPerCaller) return
    throw new ApiError('too-many-listeners', 'as many listen as can be served; try again later', {
      headers: { 'retry-after': '10' },
    })
  }

  private async look(): Promise<void> {
    if (this.isLooking) return
    this.isLooking = true
    try {
      const from = Math.min(...[...this.listeners].map(({ seen }) => seen))
      const verdicts = await this.standing.verdictsAfter(from, mostAtOnce)
      const told = new Map<Language, readonly VerdictSummary[]>()
      for (const language of new Set([...this.listeners].map((listener) => listener.language))) {
        told.set(language, await inLanguage(verdicts, language, this.standing))
      }
      for (const listener of this.listeners) {
        // Who came meanwhile, with another language, is told at the next look.
        const verdictsTold = told.get(listener.language) ?? []
        // What does not go out at once goes out as fast as the listener reads.
        if (tell(listener, verdictsTold)) listener.response.once('drain', () => void this.look())
      }
    } catch {
      // The store does not answer: listeners wait, and miss nothing.
    } finally {
      this.isLooking = false
    }
  }

  private beat(): void {
    for (const { response, isAllowed } of this.listeners)
      if (!isAllowed()) response.end()
      else if (response.writableLength === 0) response.write(': still here\n\n')
  }

  private remove(listener: Listener): void {
    this.listeners.delete(listener)
    if (this.listeners.size > 0) return
    clearInterval(this.looking)
    clearInterval(this.beating)
    this.looking = this.beating = undefined
  }
}

/** The position that a listener has seen, as it says when it comes back. */
export function seenPosition(lastEventId: string | undefined): number | undefined {
  if (lastEventId === undefined || lastEventId === '') return undefined
  if (/^\d{1,15}$/.test(lastEventId)) return Number(lastEventId)
  throw new ApiError('bad-cursor', 'this is no id of an event', {
    expected: 'last-event-id: the id of the last event that came, or no such header',
  })
}

/** Who listens, and from where on. */
export interface Listening {
  readonly seen: number | undefined
  /** Whom it counts as. */
  readonly caller: string
  /** English where it is left out. */
  readonly language?: Language
  readonly isAllowed?: () => boolean
}

interface Listener extends Required<Pick<Listening, 'caller' | 'language' | 'isAllowed'>> {
  readonly response: ServerResponse
  /** The position of the last verdict that it was told. */
  seen: number
  /** How often it was passed over since it last had room. */
  passedOver: number
}

const mostAtOnce = 500
/** A listener that has not taken so much waits for more until it has; after as many looks it is taken for gone. */
const mostUnreadBytes = 1_048_576
const mostLooksUnread = 60

/** Tells a listener its news; true when there is more than it has room for. */
function tell(listener: Listener, verdicts: readonly VerdictSummary[]): boolean {
  const { response } = listener
  const hasRoom = () => response.writableLength < mostUnreadBytes
  if (!hasRoom()) {
    // Whoever still lives comes back, and says where it was.
    if (++listener.passedOver >= mostLooksUnread) response.destroy()
    return false
  }
  listener.passedOver = 0
  const news = verdicts.filter(({ position }) => position > listener.seen)
  if (news.length === mostAtOnce && news[0]!.position > listener.seen + 1) {
    const gap = JSON.stringify({ from: listener.seen + 1, to: news[0]!.position - 1 })
    response.write(`event: gap\ndata: ${gap}\n\n`)
  }
  for (const verdict of news) {
    if (!hasRoom()) return true
    response.write(`id: ${verdict.position}\nevent: verdict\ndata: ${JSON.stringify(verdict)}\n\n`)
    listener.seen = verdict.position
  }
  return false
}
