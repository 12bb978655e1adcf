import { settingsList } from './load-settings'

/** The table of all settings as it stands in the README, made from the schema. */
export function settingsTable(): string {
  const rows = settingsList.map(({ path, env, default: value, unit, type, meaning }) => {
    const words = type.includes(',') ? ` (${type})` : ''
    return [`\`${path}\``, `\`${env}\``, defaultText(path, value), unit ?? '', `${meaning}${words}`]
  })
  const head = ['setting', 'environment', 'default', 'unit', 'meaning']
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  return lines.join('\n')
}

function defaultText(path: string, value: unknown): string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return 'none'
  if (path === 'kafka.topics') return 'those of the contract'
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``
}
