// Characters whose traditional form differs, in pairs; those that the simulator's own vocabulary uses.
const pairs =
  '饭飯轨軌价價楼樓学學试試车車电電动動营營宠寵检檢查查影影赛賽装裝旅旅强強降降单單场場农農递遞贸貿' +
  '务務养養医醫疗療险險区區图圖书書馆館阅閱览覽灯燈类類卫衛旧舊梯梯广廣间間赛賽长長跑跑览覽镇鎮热熱' +
  '叶葉锅鍋面面粉粉馆館机機话話芯芯频頻游遊戏戲网網财財产產资資产產管管贷貸专專发發疫疫苗苗针針腔腔' +
  '减減肥肥读讀写寫数數学學编編码碼语語儿兒园園献獻义義鲜鮮谷穀粮糧化化肥肥温溫灌灌阳陽桩樁铁鐵航航' +
  '码碼头頭隧隧桥橋梁樑迁遷鸟鳥湿濕时時间間额額标標离離报報参參费費规規则則质質量量数數据據统統计計' +
  '资資料料验驗协協议議补補贴貼训訓练練维維记記者者访訪业業内內层層师師傅傅资資编編辑輯责責读讀专專' +
  '家家学學者者户戶员員驾駕驶駛程程导導讲講解解务務负負责責人人护護导導顾顧会會摄攝创創办辦昨昨星星' +
  '开開会會访訪谈談时時黄黃现現认認为為觉覺坦坦统統点點录錄证證对對比比释釋说說调調荐薦买買购購归歸' +
  '纳納撤撤销銷增增缩縮钻鑽讨討论論质質怀懷疑疑赞贊反反对對盼盼忧憂忽忽视視负負造造翻翻试試实實惠惠' +
  '贵貴简簡复複杂雜热熱闹鬧静靜旧舊宽寬开開阔闊挤擠堵堵稳穩严嚴厉厲温溫干乾净淨洁潔快快缓緩迟遲有有' +
  '趣趣无無聊聊专專业業内內透透际際约約已已经經仍仍然然渐漸几幾乎乎竟竟尤尤其其个個页頁辆輛吨噸张張' +
  '户戶选選择擇挑挑后後闻聞顾顧盘盤坑坑击擊答答细細节節处處从從账賬于於对對将將当當应應该該较較并並' +
  '无無与與说說讲講问問题題难難缘緣结結果果状狀边邊们們亲親变變见見诉訴续續帮幫响響绍紹划劃来來后後' +
  '许許关關达達过過刘劉陈陳杨楊黄黃赵趙吴吳孙孫马馬罗羅郑鄭谢謝宋宋许許韩韓冯馮邓鄧萧蕭袁袁蒋蔣叶葉' +
  '苏蘇吕呂钟鍾谭譚陆陸贾賈邹鄒闫閆龙龍伟偉丽麗军軍艳豔杰傑涛濤刚剛华華红紅鹏鵬辉輝凯凱荣榮宁寧阳陽' +
  '诗詩云雲远遠晓曉东東国國兰蘭东東银銀龙龍凤鳳岭嶺兴興湾灣丰豐广廣圳圳庆慶汉漢苏蘇沙沙郑鄭宁寧岛島' +
  '连連厦廈济濟沈瀋阳陽尔爾滨濱长長庄莊贵貴兰蘭温溫锡錫绍紹兴興台臺烟煙潍濰临臨洛洛阳陽岳岳阳陽遵遵' +
  '义義绵綿咸咸阳陽宝寶鸡雞集集团團协協会會还還这這样樣让讓给給没沒们們吗嗎请請谁誰钱錢视視听聽买買' +
  '卖賣运運进進远遠连連门門风風飞飛体體爱愛声聲转轉载載欢歡迎迎评評链鏈击擊号號'

const traditional = new Map(
  Array.from({ length: pairs.length / 2 }, (_, place) => [pairs[2 * place]!, pairs[2 * place + 1]!]),
)

/** A Chinese text in traditional script; letters of other scripts stay as they are. */
export function inTraditionalScript(text: string): string {
  return Array.from(text, (letter) => traditional.get(letter) ?? letter).join('')
}

/** Printable ASCII in its full-width forms, as an input method for Chinese writes it. */
export function inFullWidth(text: string): string {
  return text.replace(/[!-~]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0))
}

// Letters of other scripts, and characters of the same, that look alike.
const lookAlikes = new Map(
  [
    'aа',
    'eе',
    'oο',
    'cс',
    'pр',
    'xх',
    'yу',
    'iі',
    'AА',
    'BВ',
    'EЕ',
    'HН',
    'KК',
    'MМ',
    'OО',
    'TТ',
    '0Ο',
    '1l',
    '一⼀',
    '人⼈',
    '大⼤',
    '小⼩',
    '口⼝',
    '日⽇',
    '月⽉',
    '山⼭',
    '高⾼',
    '车⻋',
  ].map((pair) => [pair[0]!, pair[1]!] as const),
)

/** The letter that looks like this one, or the letter itself. */
export function lookAlikeOf(letter: string): string {
  return lookAlikes.get(letter) ?? letter
}
