import { useState } from 'preact/hooks'
import { offences, recommendations } from '../../model/records'
import { ask, useAsked } from '../api'
import type { Answer } from '../api'
import { measured, whole } from '../format'
import { useWords } from '../settings'
import { RecommendationBadge } from './badges'
import { Answered } from './states'
import { Id, Written } from './text'

type Report = Answer<'Backtests'>['items'][number]
type Flag = Report['newlyFlagged'][number]

/** What other policies would have decided over the same events, as it was tried before. */
export function Backtests() {
  const words = useWords()
  const asked = useAsked('backtests', (signal) => ask('Backtests', '/api/v1/policy/backtests', { signal }))
  return (
    <section class="card" aria-labelledby="backtests-title">
      <h2 id="backtests-title">{words.backtest.title}</h2>
      <p class="hint">{words.backtest.hint}</p>
      <Answered asked={asked}>
        {({ items }) =>
          items.length === 0 ? <p class="state quiet">{words.backtest.none}</p> : <Chosen reports={items} />
        }
      </Answered>
    </section>
  )
}

function Chosen({ reports }: { reports: readonly Report[] }) {
  const words = useWords()
  const [place, setPlace] = useState(0)
  return (
    <>
      {reports.length === 1 ? null : (
        <label class="choice">
          <span>{words.backtest.report}</span>
          <select
            value={place}
            onChange={({ currentTarget: { value } }) => {
              setPlace(Number(value))
            }}
          >
            {reports.map(({ name }, at) => (
              <option key={name} value={at}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <Shown report={reports[place]!} />
    </>
  )
}

function Shown({ report }: { report: Report }) {
  const words = useWords()
  const { current, candidate, records, figures, newlyFlagged, noLongerFlagged } = report
  return (
    <>
      <dl class="facts">
        <div>
          <dt>{words.backtest.policies}</dt>
          <dd>
            <Written text={current} /> → <Written text={candidate} />
          </dd>
        </div>
        <div>
          <dt>{words.backtest.records}</dt>
          <dd>{whole(records)}</dd>
        </div>
        {pairsOfFigures.map((name) => (
          <div key={name}>
            <dt>{words.backtest.figures[name]}</dt>
            <dd>
              {figure(figures[`${name}Now`])} → {figure(figures[name])}
            </dd>
          </div>
        ))}
      </dl>
      <Gate report={report} />
      <ByOffence report={report} />
      <ByRung report={report} />
      <Flags title={words.backtest.newly} flags={newlyFlagged} count={figures['newlyFlagged']} />
      <Flags title={words.backtest.noLonger} flags={noLongerFlagged} count={figures['noLongerFlagged']} />
      {newlyFlagged.length === 0 ? null : <p class="hint">{words.backtest.links}</p>}
    </>
  )
}

/** Figures of both policies: of the one that is held against under the name that ends in Now. */
const pairsOfFigures = ['flagged', 'sanctions', 'expectedWrong', 'disputed'] as const

function figure(value: number | undefined): string {
  if (value === undefined) return '–'
  return Number.isInteger(value) ? whole(value) : String(Number(value.toPrecision(3)))
}

function Gate({ report: { gate, failedCases } }: { report: Report }) {
  const words = useWords()
  const broken = [...gate.exceeded, ...failedCases]
  const limits = Object.entries(gate.limits)
  if (broken.length === 0 && limits.length === 0) return <p class="condition">{words.backtest.noGate}</p>
  return (
    <div class={broken.length === 0 ? 'condition good' : 'condition bad'}>
      <p>
        <span aria-hidden="true">{broken.length === 0 ? '✓' : '✕'}</span>{' '}
        {broken.length === 0 ? words.backtest.passed : words.backtest.failed}{' '}
        <small>{limits.map(([name, most]) => `${name} ≤ ${measured(most)}`).join(' · ')}</small>
      </p>
      {broken.length === 0 ? null : (
        <ul>
          {broken.map((sentence) => (
            <li key={sentence}>
              <Written text={sentence} />
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function ByOffence({ report: { byOffence } }: { report: Report }) {
  const words = useWords()
  const found = offences.filter((offence) => byOffence[offence] !== undefined)
  if (found.length === 0) return <p class="state quiet">{words.backtest.nothing}</p>
  const columns = ['current', 'candidate', 'newlyFlagged', 'noLongerFlagged', 'raised', 'lowered'] as const
  return (
    <>
      <h3>{words.backtest.byOffence}</h3>
      <Counts
        label={words.backtest.byOffence}
        corner={words.feed.offence}
        rows={found}
        rowName={(offence) => words.offences[offence]}
        columns={columns}
        columnName={(name) => words.backtest.columns[name]}
        cell={(offence, name) => whole(byOffence[offence]![name])}
      />
    </>
  )
}

function ByRung({ report: { byRung } }: { report: Report }) {
  const words = useWords()
  const rungs = (['none', ...recommendations] as const).filter((rung) =>
    Object.entries(byRung).some(([from, to]) => from === rung || to[rung] !== undefined),
  )
  if (rungs.length === 0) return null
  const name = (rung: (typeof rungs)[number]): string =>
    rung === 'none' ? words.backtest.notFlagged : words.recommendations[rung]
  return (
    <>
      <h3>{words.backtest.byRung}</h3>
      <p class="hint">{words.backtest.byRungHint}</p>
      <Counts
        label={words.backtest.byRung}
        corner={words.backtest.fromTo}
        rows={rungs}
        rowName={name}
        columns={rungs}
        columnName={name}
        cell={(from, to) => (byRung[from]?.[to] === undefined ? '–' : whole(byRung[from][to]))}
      />
    </>
  )
}

/** A table of numbers; it scrolls by itself where the page is narrow. */
function Counts<Row extends string, Column extends string>({
  label,
  corner,
  rows,
  rowName,
  columns,
  columnName,
  cell,
}: {
  readonly label: string
  readonly corner: string
  readonly rows: readonly Row[]
  readonly rowName: (row: Row) => string
  readonly columns: readonly Column[]
  readonly columnName: (column: Column) => string
  readonly cell: (row: Row, column: Column) => string
}) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            <th scope="col">{corner}</th>
            {columns.map((column) => (
              <th key={column} scope="col" class="number">
                {columnName(column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row}>
              <th scope="row">{rowName(row)}</th>
              {columns.map((column) => (
                <td key={column} class="number">
                  {cell(row, column)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Flags({
  title,
  flags,
  count = 0,
}: {
  title: string
  flags: readonly Flag[]
  count?: number | undefined
}) {
  const words = useWords()
  return (
    <>
      <h3>
        {title} <small>{whole(count)}</small>
      </h3>
      {flags.length === 0 ? (
        <p>{words.backtest.nobody}</p>
      ) : (
        <ul class="flags">
          {flags.map(({ verdictId, offence, accountId, subject, recommendation, headline }) => (
            <li key={`${verdictId} ${subject}`}>
              <RecommendationBadge is={recommendation} /> <strong>{words.offences[offence]}</strong>{' '}
              <Id id={accountId} page="account" /> <Id id={verdictId} page="verdict" />
              <br />
              <small>
                <Written text={headline} />
              </small>
            </li>
          ))}
        </ul>
      )}
      {count > flags.length ? <p class="hint">{words.backtest.more(whole(count - flags.length))}</p> : null}
    </>
  )
}
