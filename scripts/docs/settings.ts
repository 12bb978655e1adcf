import { settingsList } from '../../src/settings/load-settings'
import { code, page, prose, table } from './markdown'

export function settingsPage(): string {
  const sections = new Map<string, string[][]>()
  for (const { path, env, type, default: value, unit, meaning, isSecret } of settingsList) {
    const section = path.includes('.') ? path.split('.')[0]! : 'others'
    const row = [
      code(path),
      code(env),
      isSecret ? 'secret' : type,
      defaultText(path, value),
      unit ?? '',
      prose(meaning),
    ]
    sections.set(section, [...(sections.get(section) ?? []), row])
  }
  return page(
    'Settings',
    'Where things are. They come from a JSON file, named by `--settings` or `ASSAY_SETTINGS`, and from the ' +
      'environment, which goes before the file. A secret may not stand in the file: name a file of its own, or set ' +
      'its variable. What changes a decision is not here, but in the [policy](policy.md). How they are checked: ' +
      '[src/settings](../../src/settings/README.md).',
    ...[...sections].flatMap(([section, rows]) => [
      `## ${section}`,
      table(['setting', 'environment', 'type', 'default', 'unit', 'meaning'], rows),
    ]),
  )
}

function defaultText(path: string, value: unknown): string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return 'none'
  if (path === 'kafka.topics') return '[those of the contract](topics.md)'
  return code(typeof value === 'string' ? value : JSON.stringify(value))
}
