/**
 * The words that articles are made of. A group is one meaning, its words are told apart by strokes: who spins an article
 * puts another word of the same group. Groups are told apart by spaces in Chinese and by commas in English.
 */
export interface Vocabulary {
  /** By slot of a template: the groups that may stand there. */
  readonly slots: Readonly<Record<string, readonly Group[]>>
  /** The groups of words that stand in templates themselves. */
  readonly glue: readonly Group[]
}

export type Group = readonly string[]

export const chineseWords: Vocabulary = {
  slots: {
    thing: chinese(
      '早餐/早点/早饭 地铁/轨道交通 房价/楼价 高考/大学入学考试 新能源车/电动汽车 露营/野营 宠物猫/家猫 ' +
        '体检/健康检查 电影/影片 球赛/比赛 装修/装潢 旅行/旅游 咖啡/手冲咖啡 暴雨/强降雨 校园招聘/秋招 ' +
        '书单/书目 菜市场/农贸市场 快递/包裹 外卖/送餐服务 停车位/车位 养老金/退休金 医保/医疗保险 ' +
        '学区/就学片区 图书馆/阅览室 公交/公共汽车 路灯/街灯 垃圾分类/分类投放 社区医院/卫生服务中心 ' +
        '老旧小区/旧小区 电梯/升降梯 广场舞/健身舞 夜市/夜间集市 羽毛球/羽球 马拉松/长跑赛 博物馆/展览馆 ' +
        '古镇/老镇 温泉/热泉 茶叶/茗茶 火锅/涮锅 面馆/粉面店 手机/移动电话 芯片/集成电路 直播/网络直播 ' +
        '短视频/小视频 游戏/网游 理财/财富管理 基金/公募基金 股票/个股 贷款/信贷 保险/保单 专利/发明专利 ' +
        '机器人/自动化设备 疫苗/预防针 流感/流行性感冒 牙科/口腔科 睡眠/休息 减肥/减重 跑步/慢跑 瑜伽/瑜珈 ' +
        '阅读/读书 作文/写作 奥数/数学竞赛 编程/写代码 英语/外语 夏令营/暑期营 幼儿园/托幼机构 校车/接送车 ' +
        '食堂/饭堂 志愿者/义工 献血/捐血 水果/鲜果 海鲜/水产 粮食/谷物 化肥/肥料 大棚/温室 灌溉/浇水 ' +
        '光伏/太阳能发电 充电桩/充电站 高铁/高速列车 机场/航空港 港口/码头 隧道/地下通道 桥梁/大桥 ' +
        '河道/水道 湿地/沼泽 候鸟/迁徙鸟类',
    ),
    part: chinese(
      '价格/售价 排队时间/等候时间 名额/指标 距离/路程 报名人数/参加人数 退款/返款 口味/味道 噪音/噪声 ' +
        '电池/蓄电池 预算/开支计划 票房/票款收入 错题/做错的题 质量/品质 安全/安全性 成本/花费 效率/效能 ' +
        '规则/规定 流程/步骤 数据/统计数字 材料/资料 体验/感受 服务/招待 合同/协议 补贴/补助 维修/修理 ' +
        '培训/训练',
    ),
    role: chinese(
      '记者/采访人员 从业者/业内人士 社区干部/居委会工作人员 老师傅/资深师傅 编辑/责编 读者/看官 ' +
        '专家/学者 店主/老板 业主/住户 大学生/本科生 交警/交通警察 医生/大夫 护士/护理人员 司机/驾驶员 ' +
        '工程师/技术人员 教练/指导员 家长/父母 农户/种植户 渔民/捕鱼人 导游/讲解员 律师/法律顾问 ' +
        '会计/财务人员 研究员/科研人员 校长/学校负责人 保洁员/清洁工 骑手/配送员 摄影师/拍摄者 志愿者/义工 ' +
        '退休职工/离休工人 创业者/创始人',
    ),
    when: chinese(
      '今天/今日 昨天/昨日 上周/上星期 最近/近来 早高峰/上班高峰 春节前/年前 深夜/半夜 清晨/大清早 ' +
        '月底/月末 周末/双休日 去年/上一年 三年前/早些年 雨后/雨停之后 开会时/会上 采访中/访谈时 傍晚/黄昏 ' +
        '午后/下午 开学前/入学前 入冬以来/冬天以来 这两天/近日',
    ),
    did: chinese(
      '提到/谈到 发现/察觉 认为/觉得 承认/坦言 统计了/清点了 拍下了/记录了 核对了/查证了 比较了/对比了 ' +
        '解释了/说明了 改变了/调整了 推荐了/举荐了 买下了/购入了 整理了/归纳了 公布了/发布了 取消了/撤销了 ' +
        '增加了/添加了 减少了/缩减了 研究了/钻研了 参观了/走访了 讨论了/商议了 检查了/查看了 质疑/怀疑 ' +
        '支持/赞成 反对/不赞成 期待/盼望 担心/忧虑 忽略了/忽视了 负责/主管 改造了/翻新了 测试了/试验了',
    ),
    adj: chinese(
      '便宜/实惠 昂贵/不便宜 简单/容易 复杂/繁琐 热闹/喧闹 安静/清静 新鲜/鲜活 陈旧/老旧 宽敞/开阔 ' +
        '拥挤/拥堵 可靠/靠谱 危险/有风险 方便/便利 麻烦/费事 美丽/漂亮 普通/一般 罕见/少见 明显/显著 ' +
        '稳定/平稳 严格/严厉 温暖/暖和 寒冷/冰冷 干净/整洁 快速/迅速 缓慢/迟缓 有趣/有意思 无聊/乏味 ' +
        '专业/内行 透明/公开 公平/公正',
    ),
    adv: chinese(
      '其实/实际上 大概/大约 已经/早已 仍然/依然 突然/忽然 逐渐/慢慢 经常/时常 很少/难得 反复/再三 ' +
        '几乎/差不多 居然/竟然 果然/果真 特别/尤其 完全/彻底 至少/起码 最多/顶多 刚刚/刚才 立刻/马上 ' +
        '暂时/暂且 最终/最后',
    ),
    unit: chinese('元 分钟 人 公里 次 家 个月 页 辆 平方米 吨 度 份 套 张 户'),
    headline: chinese(
      '怎么选/如何挑选 背后的故事/幕后故事 最新消息/新近消息 一周回顾/本周盘点 避坑指南/防坑攻略 ' +
        '现场直击/现场报道 问与答/答疑 的十个细节/的十处细节 你了解吗/你知道吗 这一年/这十二个月 ' +
        '值得吗/划算吗 从零开始/零基础入门 的另一面/的背面 走访记/探访记 观察/见闻 账本/明细账',
    ),
  },
  glue: chinese(
    '但是/不过/然而 因为/由于 所以/因此 如果/要是 虽然/尽管 和/与/跟 在/于 对/对于 把/将 也/亦 很/相当 ' +
      '比/较 没有/并无 可以/能够 需要/得 应该/理应 说/讲/表示 问题/难题 原因/缘由 办法/方法 结果/结局 ' +
      '情况/状况 附近/周边 居民/住户 大家/各位 我们/咱们 孩子/小朋友 时候/之际 每天/天天 所有/全部 ' +
      '一起/一同 重要/要紧 变化/改变 选择/挑选 看到/见到 告诉/告知 开始/着手 继续/接着 完成/做完 ' +
      '帮助/协助 影响/波及 介绍/说起 计划/打算 目前/眼下 未来/今后 主要/首要 许多/不少 部分/一部分 ' +
      '超过/多于 不到/少于 达到/升到 下降/降低 上升/增长 相关/有关 关于/有关于 其中/当中 另外/此外 ' +
      '总之/总而言之',
  ),
}

export const englishWords: Vocabulary = {
  slots: {
    thing: english(
      'breakfast/morning meal,subway/metro,rent/housing cost,exam/test,electric car/EV,camping ' +
        'trip/night outdoors,house cat/pet cat,checkup/medical exam,movie/film,match/game,' +
        'renovation/remodel,holiday/vacation,coffee/espresso,storm/downpour,job fair/hiring event,reading ' +
        'list/book list,market/bazaar,parcel/package,delivery/drop-off,parking space/parking spot,' +
        'pension/retirement pay,health plan/insurance,school/academy,library/reading room,bus line/bus ' +
        'route,street lamp/street light,recycling/waste sorting,clinic/surgery,apartment/flat,' +
        'elevator/lift,night market/evening market,marathon/road race,museum/gallery,old town/historic ' +
        'quarter,hot spring/spa,tea/green tea,noodle shop/ramen place,phone/handset,chip/processor,' +
        'stream/broadcast,clip/short video,fund/portfolio,stock/share,loan/credit,patent/invention,' +
        'robot/machine,vaccine/shot,flu/influenza,dentist/dental office,sleep/rest,diet/meal plan,' +
        'garden/backyard,farm/homestead,harvest/crop,solar panel/solar array,charger/charging point,' +
        'train/express,airport/airfield,harbor/port,tunnel/underpass,bridge/overpass,river/stream bed,' +
        'wetland/marsh,bakery/bread shop,bicycle/bike,jacket/coat,camera/lens,keyboard/keypad',
    ),
    part: english(
      'price/cost,waiting time/queue,budget/spending plan,distance/mileage,quality/standard,' +
        'safety/security,rule/regulation,process/procedure,data/figures,service/support,contract/agreement,' +
        'subsidy/grant,repair/fix,training/coaching,noise/racket,battery/power pack,taste/flavor,' +
        'refund/repayment,deadline/due date,layout/floor plan',
    ),
    role: english(
      'reporter/journalist,shopkeeper/store owner,engineer/technician,teacher/instructor,nurse/caregiver,' +
        'doctor/physician,driver/chauffeur,farmer/grower,fisherman/angler,lawyer/attorney,' +
        'student/undergraduate,researcher/scientist,coach/trainer,parent/guardian,editor/copy chief,' +
        'volunteer/helper,retiree/pensioner,founder/entrepreneur,neighbor/resident,accountant/bookkeeper,' +
        'guide/docent,carpenter/woodworker',
    ),
    when: english(
      'yesterday/the day before,last week/a week ago,this morning/early today,recently/lately,at dusk/at ' +
        'nightfall,at noon/at midday,last year/a year ago,on the weekend/on Saturday,in winter/over the ' +
        'winter,after the rain/once the rain stopped,before school/ahead of class,by night/after dark,in ' +
        'spring/over the spring,this month/in recent weeks',
    ),
    did: english(
      'noticed/spotted,checked/inspected,compared/contrasted,explained/described,changed/altered,' +
        'bought/purchased,sold/traded,measured/gauged,counted/tallied,repaired/fixed,opened/launched,' +
        'closed/shut,questioned/doubted,praised/commended,studied/examined,visited/toured,' +
        'discussed/debated,published/released,cancelled/dropped,doubled/raised,reduced/cut,' +
        'ignored/overlooked,designed/drafted,tested/tried',
    ),
    adj: english(
      'cheap/affordable,expensive/costly,simple/easy,complex/intricate,busy/crowded,quiet/calm,fresh/new,' +
        'old/aged,spacious/roomy,reliable/dependable,risky/dangerous,convenient/handy,beautiful/lovely,' +
        'ordinary/plain,rare/uncommon,obvious/clear,steady/stable,strict/rigid,warm/mild,cold/chilly,' +
        'clean/tidy,fast/quick,slow/sluggish,funny/amusing,boring/dull,fair/just',
    ),
    adv: english(
      'actually/in fact,already/by now,suddenly/abruptly,slowly/gradually,often/frequently,rarely/seldom,' +
        'nearly/almost,surely/certainly,fully/completely,quickly/rapidly,finally/eventually,' +
        'quietly/silently',
    ),
    unit: english('dollars,minutes,people,miles,times,shops,months,pages,trucks,acres,tons,degrees,copies'),
    headline: english(
      'what you should know/what to know,behind the scenes/the inside story,a buyer guide/how to choose,' +
        'the week in review/this week in brief,questions and answers/your questions,is it worth it/worth ' +
        'the money,a closer look/an inside look,by the numbers/in figures,from scratch/for beginners,field ' +
        'notes/notes from the field',
    ),
  },
  glue: english(
    'but/yet/however,because/since,and/as well as,in/within,with/alongside,about/around,' +
      'said/noted/told us,problem/issue,reason/cause,way/method,result/outcome,near/close to,' +
      'everybody/everyone,children/kids,every day/daily,all/each,together/jointly,important/vital,' +
      'start/begin,continue/go on,help/assist,plan/intend,many/plenty of,more than/over,less than/under,' +
      'reached/hit,fell/dropped,rose/climbed,also/too,while/whereas,before/ahead of,after/following,' +
      'big/large,small/little,look/appear,need/require,use/employ,show/reveal,still/even now,' +
      'perhaps/maybe,only/just,the team/the crew',
  ),
}

function chinese(list: string): Group[] {
  return list.split(' ').map((group) => group.split('/'))
}

function english(list: string): Group[] {
  return list.split(',').map((group) => group.split('/'))
}
