import type { Span, SpanAttributes, SpanOptions, Traces } from '../../src/runtime/traces'

/**
 * Spans as text, a line each in the order in which they ended: name, `<` what led to it, `~` what it is linked to, and what
 * it says. What it gives to go along with the work is its name and number.
 */
export class TextTraces implements Traces {
  private readonly lines: string[] = []
  private count = 0

  get told(): string {
    return this.lines.join('\n')
  }

  nowMs(): number {
    return 0
  }

  begin(name: string, { parent, links = [], attributes = {} }: SpanOptions = {}): Span {
    const linked = [...links].join(' ')
    const end = (outcome: string, more: SpanAttributes = {}): void => {
      const parts = [name, ...(parent === undefined ? [] : ['<', parent])]
      if (linked !== '') parts.push('~', linked)
      this.lines.push([...parts, `{${saying({ ...attributes, ...more })}}`].join(' ') + outcome)
    }
    return {
      traceParent: `${name}#${++this.count}`,
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
