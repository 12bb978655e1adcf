import { useMemo } from 'preact/hooks'
import { compared } from '../differences'
import type { Stretch } from '../differences'
import { percent } from '../format'
import { useWords } from '../settings'
import { Written } from './text'

/** Texts beside each other, each held against the first one; what only one of them has is marked. */
export function Texts({ texts }: { texts: readonly string[] }) {
  const words = useWords()
  const [first = '', ...others] = texts
  const pairs = useMemo(() => others.map((other) => compared(first, other)), [texts])
  return (
    <div class="texts">
      <article>
        <h3>{words.verdict.text(1)}</h3>
        <p class="quoted">
          {pairs.length === 1 && pairs[0]!.share >= leastShare ? (
            <Stretches stretches={pairs[0]!.one} />
          ) : (
            <Written text={first} />
          )}
        </p>
      </article>
      {pairs.map(({ other, share }, at) => (
        <article key={at}>
          <h3>
            {words.verdict.text(at + 2)}{' '}
            <small>
              {share === 1
                ? words.verdict.same
                : share < leastShare
                  ? words.verdict.another
                  : words.verdict.share(percent(share))}
            </small>
          </h3>
          <p class="quoted">
            {share < leastShare ? <Written text={texts[at + 1]!} /> : <Stretches stretches={other} />}
          </p>
        </article>
      ))}
    </div>
  )
}

/** Of texts that have less in common, nobody copied the one from the other, and marks would cover everything. */
const leastShare = 0.5

function Stretches({ stretches }: { stretches: readonly Stretch[] }) {
  return (
    <>
      {stretches.map(({ text, isCommon }, at) =>
        isCommon ? (
          <Written key={at} text={text} />
        ) : (
          <mark key={at}>
            <Written text={text} />
          </mark>
        ),
      )}
    </>
  )
}
