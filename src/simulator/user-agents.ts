import type { Mix } from './random'
import { mixOf } from './random'

// Share in percent and what the client says of itself: the platform's own app on the phones people have, then browsers.
const catalogue: readonly (readonly [string, number])[] = [
  ['Reader/8.0.47 (iPhone; iOS 17.3; iPhone15,2)', 9],
  ['Reader/8.0.47 (iPhone; iOS 17.3; iPhone14,5)', 7],
  ['Reader/8.0.47 (iPhone; iOS 16.7; iPhone13,2)', 5],
  ['Reader/8.0.46 (iPhone; iOS 17.2; iPhone16,1)', 4],
  ['Reader/8.0.44 (iPhone; iOS 15.8; iPhone12,1)', 4],
  ['Reader/8.0.47 (Android 14; HUAWEI ALN-AL00)', 6],
  ['Reader/8.0.47 (Android 12; HUAWEI NOH-AN00)', 5],
  ['Reader/8.0.46 (Android 14; Xiaomi 23127PN0CC)', 5],
  ['Reader/8.0.47 (Android 13; Xiaomi 2211133C)', 5],
  ['Reader/8.0.45 (Android 13; Redmi 22101316C)', 5],
  ['Reader/8.0.47 (Android 14; vivo V2309A)', 5],
  ['Reader/8.0.46 (Android 13; vivo V2241A)', 4],
  ['Reader/8.0.47 (Android 14; OPPO PHZ110)', 4],
  ['Reader/8.0.45 (Android 13; OPPO PGEM10)', 4],
  ['Reader/8.0.47 (Android 13; HONOR ANY-AN00)', 4],
  ['Reader/8.0.43 (Android 11; samsung SM-G9910)', 2],
  ['Reader/8.0.40 (Android 10; Redmi M2007J22C)', 2],
  ['Reader/8.0.38 (Android 9; OPPO PCAM00)', 1.5],
  ['Reader/8.0.30 (Android 8.1; vivo X21A)', 1],
  ['Reader/8.0.45 (iPad; iOS 17.2; iPad13,18)', 2],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/121.0.0.0 Safari/537.36', 5],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36 Edg/120.0',
    3,
  ],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.2 Safari/605.1.15', 2],
  ['Mozilla/5.0 (Linux; Android 13; SM-A546E) AppleWebKit/537.36 Chrome/121.0 Mobile Safari/537.36', 1.5],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 17_3 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148', 1.5],
  ['Reader/8.0.47 (HarmonyOS 4.0; HUAWEI BRA-AL00)', 2],
  ['Mozilla/5.0 (X11; Linux x64; rv:122.0) Gecko/20100101 Firefox/122.0', 0.5],
  // The last two are rare in honest hands: the release a launch brings, and the old phone that farms buy in bulk.
  ['Reader/9.0.0 (Android 14; HUAWEI ALN-AL00)', 0.4],
  ['Reader/8.0.28 (Android 7.1.2; Xiaomi Redmi 4X)', 0.6],
]

export const userAgents: readonly string[] = catalogue.map(([name]) => name)

/** Indices of user agents by popularity. */
export const popularAgents: Mix<number> = mixOf(catalogue.map(([, share], index) => [index, share]))

export const newReleaseAgent = userAgents.length - 2
export const farmPhoneAgent = userAgents.length - 1
