import { useState } from 'preact/hooks'
import { recommendations } from '../../model/records'
import type { Recommendation } from '../../model/records'
import { ask, AskError, useAsked } from '../api'
import type { Answer } from '../api'
import { chance, whole } from '../format'
import { Backtests } from '../parts/backtests'
import { RecommendationBadge } from '../parts/badges'
import { Answered } from '../parts/states'
import { Written } from '../parts/text'
import { useWords } from '../settings'

type Policy = Answer<'Policy'>
type Comparison = Answer<'PolicyComparison'>

/** What decides now, to read, and what another policy would change. */
export function PolicyPage() {
  const words = useWords()
  const asked = useAsked('policy', (signal) => ask('Policy', '/api/v1/policy', { signal }))
  return (
    <>
      <h1>{words.policy.title}</h1>
      <Answered asked={asked}>
        {(policy) => (
          <>
            <dl class="facts">
              <div>
                <dt>{words.policy.version}</dt>
                <dd>
                  <Written text={policy.version} />
                </dd>
              </div>
              <div>
                <dt>{words.policy.budget}</dt>
                <dd>{words.policy.oneIn(whole(policy.oneWrongIn))}</dd>
              </div>
            </dl>
            <Rungs policy={policy} />
            <Detectors policy={policy} />
            <Rest policy={policy} />
            <Compare />
            <Backtests />
          </>
        )}
      </Answered>
    </>
  )
}

function Rungs({ policy: { ladder } }: { policy: Policy }) {
  const words = useWords()
  return (
    <section class="card" aria-labelledby="rungs-title">
      <h2 id="rungs-title">{words.policy.ladder}</h2>
      <p class="hint">{words.policy.ladderHint}</p>
      <ol class="rungs">
        {recommendations.map((rung) => (
          <li key={rung}>
            <h3>
              <RecommendationBadge is={rung} /> <small>{words.rungs[rung]}</small>
            </h3>
            <Needs rung={rung} ladder={ladder} />
            {isAbsent(rung, ladder) ? null : (
              <small>{words.policy.ends(whole(ladder.expiryDays[rung]))}</small>
            )}
          </li>
        ))}
      </ol>
    </section>
  )
}

function isAbsent(rung: Recommendation, ladder: Policy['ladder']): boolean {
  return (rung === 'suspend' || rung === 'close') && ladder[rung] === undefined
}

function Needs({ rung, ladder }: { rung: Recommendation; ladder: Policy['ladder'] }) {
  const words = useWords()
  if (rung === 'watch') return <p>{words.policy.always}</p>
  if (rung === 'correct-count') return <p>{words.policy.corrects}</p>
  const needs = ladder[rung]
  if (needs === undefined) return <p>{words.policy.absent}</p>
  return (
    <ul>
      <li>
        {words.policy.needs.controlEvents(whole(needs.controlEvents))}
        {needs.controlPValue > 0 ? ` ${words.policy.needs.orControlPValue(chance(needs.controlPValue))}` : ''}
      </li>
      {(['disputed', 'confirmations', 'earlierOffences'] as const).map((name) =>
        needs[name] === 0 ? null : <li key={name}>{words.policy.needs[name](whole(needs[name]))}</li>,
      )}
    </ul>
  )
}

function Detectors({ policy: { detectors } }: { policy: Policy }) {
  const words = useWords()
  return (
    <section class="card" aria-labelledby="detectors-title">
      <h2 id="detectors-title">{words.policy.detectors}</h2>
      <ul class="detectors">
        {Object.entries(detectors).map(([name, { mode, ...settings }]) => (
          <li key={name}>
            <details>
              <summary>
                {name} <span class={`badge mode-${mode}`}>{words.policy.modes[mode]}</span>
              </summary>
              <Settings settings={settings} />
            </details>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Rest({ policy }: { policy: Policy }) {
  const words = useWords()
  const rest = Object.fromEntries(Object.entries(policy).filter(([name]) => !shownApart.has(name)))
  return (
    <section class="card" aria-labelledby="rest-title">
      <h2 id="rest-title">{words.policy.rest}</h2>
      <Settings settings={rest} />
    </section>
  )
}

/** What has a part of the page of its own. */
const shownApart: ReadonlySet<string> = new Set(['version', 'oneWrongIn', 'detectors', 'ladder'])

function Settings({ settings }: { settings: object }) {
  const words = useWords()
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={words.policy.setting}>
      <table>
        <thead>
          <tr>
            <th scope="col">{words.policy.setting}</th>
            <th scope="col">{words.policy.value}</th>
          </tr>
        </thead>
        <tbody>
          {flat(settings).map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                <Written text={value} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Settings by their path, a line each; lists are whole. */
function flat(value: unknown, path = ''): [string, string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path, textOf(value)]]
  return Object.entries(value).flatMap(([name, part]) => flat(part, path === '' ? name : `${path}.${name}`))
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '–' : value.map(textOf).join(', ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function Compare() {
  const words = useWords()
  const [written, setWritten] = useState('')
  const [result, setResult] = useState<Comparison | string>()
  const compare = async (text: string): Promise<void> => {
    try {
      JSON.parse(text)
    } catch {
      setResult(words.policy.noJson)
      return
    }
    try {
      setResult(await ask('PolicyComparison', '/api/v1/policy/comparison', { method: 'POST', body: text }))
    } catch (error) {
      setResult(error instanceof AskError ? error.message : String(error))
    }
  }
  return (
    <section class="card" aria-labelledby="compare-title">
      <h2 id="compare-title">{words.policy.compare}</h2>
      <p class="hint">{words.policy.compareHint}</p>
      <form
        class="compare"
        onSubmit={(event) => {
          event.preventDefault()
          void compare(written)
        }}
      >
        <label>
          <span>{words.policy.other}</span>
          <textarea
            rows={6}
            spellcheck={false}
            value={written}
            onInput={({ currentTarget: { value } }) => {
              setWritten(value)
            }}
          />
        </label>
        <label>
          <span>{words.policy.file}</span>
          <input
            type="file"
            accept=".json,application/json"
            onChange={({ currentTarget: { files } }) => {
              void files?.[0]?.text().then(setWritten)
            }}
          />
        </label>
        <p class="actions">
          <button type="submit" class="primary" disabled={written.trim() === ''}>
            {words.policy.run}
          </button>
          <button type="button" onClick={() => void compare('{}')}>
            {words.policy.withDefault}
          </button>
        </p>
      </form>
      <div role="status">
        {result === undefined ? null : typeof result === 'string' ? (
          <p class="state failed">
            <Written text={result} />
          </p>
        ) : (
          <Differences {...result} />
        )}
      </div>
    </section>
  )
}

function Differences({ other, differences }: Comparison) {
  const words = useWords()
  if (differences.length === 0) return <p>{words.policy.same(other)}</p>
  return (
    <>
      <h3>{words.policy.differ(differences.length, other)}</h3>
      <div class="scroll" tabIndex={0} role="region" aria-label={words.policy.compare}>
        <table class="differences">
          <thead>
            <tr>
              <th scope="col">{words.policy.setting}</th>
              <th scope="col">{words.policy.inForce}</th>
              <th scope="col">{words.policy.otherOne}</th>
              <th scope="col">{words.policy.meaning}</th>
            </tr>
          </thead>
          <tbody>
            {differences.map(({ setting, before, after, meaning }) => (
              <tr key={setting}>
                <th scope="row">
                  <Written text={setting} />
                </th>
                <td>
                  <del>
                    <Written text={textOf(before)} />
                  </del>
                </td>
                <td>
                  <ins>
                    <Written text={textOf(after)} />
                  </ins>
                </td>
                <td>{meaning}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}
