import type { Span, SpanAttributes, SpanOptions, TraceParent, Traces } from '../../src/runtime/traces'

/** Keeps the spans that have ended, by what goes along with their work. */
export class KeptTraces implements Traces {
  private readonly lines: string[] = []
  private readonly ended = new Map<
    TraceParent,
    { readonly name: string; readonly parent: string | undefined }
  >()
  private readonly names = new Map<TraceParent, string>()

  /**
   * A line each in the order in which they ended: name, `<` what led to it, `~` what it is linked to, and what it says. What
   * was begun here is called by its name and number.
   */
  get told(): string {
    return this.lines.join('\n')
  }

  /** The name and number of a span, or what it is where it was not begun here. */
  nameOf(traceParent: TraceParent | undefined): string | undefined {
    return traceParent === undefined ? undefined : (this.names.get(traceParent) ?? traceParent)
  }

  /** The names from a span up to the beginning of its trace; one that has not ended is called so. */
  pathFrom(traceParent: TraceParent): string[] {
    const span = this.ended.get(traceParent)
    if (span === undefined) return ['not ended']
    return [span.name, ...(span.parent === undefined ? [] : this.pathFrom(span.parent))]
  }

  nowMs(): number {
    return 0
  }

  begin(name: string, { parent, links = [], attributes = {} }: SpanOptions = {}): Span {
    const number = this.names.size + 1
    const traceParent = `00-${'a'.repeat(32)}-${number.toString(16).padStart(16, '0')}-01`
    this.names.set(traceParent, `${name}#${number}`)
    const led = parent === undefined ? [] : ['<', this.nameOf(parent)]
    const linked = [...links].map((link) => this.nameOf(link))
    const head = [name, ...led, ...(linked.length === 0 ? [] : ['~', ...linked])].join(' ')
    const end = (outcome: string, more: SpanAttributes = {}): void => {
      this.lines.push(`${head} {${saying({ ...attributes, ...more })}}${outcome}`)
      this.ended.set(traceParent, { name, parent })
    }
    return {
      traceParent,
      end: (more) => {
        end('', more)
      },
      fail: () => {
        end(' failed')
      },
    }
  }
}

function saying(attributes: SpanAttributes): string {
  return Object.entries(attributes)
    .filter(([name, value]) => value !== undefined && name !== 'assay.view')
    .map(([name, value]) => `${name.split('.').at(-1)} ${value}`)
    .join(', ')
}
