/** A line of what a number was lately, without axes: that it moves is all it says. */
export function Spark({ values, label }: { values: readonly number[]; label: string }) {
  const most = Math.max(1, ...values)
  const places = Math.max(fewest, values.length)
  const step = width / (places - 1)
  const from = places - values.length
  const points = values.map(
    (value, at) =>
      `${((from + at) * step).toFixed(1)},${(height - 1 - (value / most) * (height - 3)).toFixed(1)}`,
  )
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <polyline points={points.join(' ')} vector-effect="non-scaling-stroke" />
    </svg>
  )
}

const width = 150
const height = 28
/** So many it has room for from the beginning; more are drawn closer. */
const fewest = 30
