/** One event of a stream of server-sent events. */
export interface ServerSentEvent {
  readonly event: string
  /** The last id that the stream gave; empty before the first. */
  readonly id: string
  readonly data: string
  /** How long to wait before connecting again, where the stream has said so. */
  readonly retryMs: number | undefined
}

/** Reads an answer as server-sent events, as the HTML standard says; `onBytes` hears of every piece, comments too. */
export async function* readEvents(
  response: Response,
  onBytes: () => void = () => undefined,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  let event = ''
  let id = ''
  let data: string[] = []
  let retryMs: number | undefined
  for await (const line of linesOf(response, onBytes)) {
    if (line === '') {
      if (data.length > 0)
        yield { event: event === '' ? 'message' : event, id, data: data.join('\n'), retryMs }
      event = ''
      data = []
      continue
    }
    const [, field, value = ''] = /^([^:]*)(?::[ ]?(.*))?$/s.exec(line)!
    if (field === 'event') event = value
    else if (field === 'data') data.push(value)
    else if (field === 'id' && !value.includes('\0')) id = value
    else if (field === 'retry' && /^\d{1,9}$/.test(value)) retryMs = Number(value)
  }
}

/** Whole lines, whichever way they end; what the stream breaks off in the middle of is no line. */
async function* linesOf(response: Response, onBytes: () => void): AsyncGenerator<string, void, undefined> {
  if (response.body === null) return
  const decoder = new TextDecoder()
  let rest = ''
  for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
    onBytes()
    rest += decoder.decode(bytes, { stream: true })
    // A carriage return at the very end may be the first half of a line end.
    const lines = rest.split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop()!
    yield* lines
  }
}
