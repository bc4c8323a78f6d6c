// The page at /push: whether this browser is told, and the buttons that begin and end it. Its words in both languages; what
// moves in it is push-page.js. Called by push-routes.ts.
import { frame, type Html, html } from '#core/http/frame.ts'
import type { Language } from '#core/http/language.ts'

const en = {
  title: 'Notifications',
  why: 'This browser shows a notification when you are told of something, also while it is closed.',
  loading: 'One moment …',
  noScripts: 'This page needs JavaScript.',
  name: 'Name of this device',
  begin: 'Tell me on this device',
  devices: 'Your devices',
  none: 'None yet.',
  receivers: (names: string) => `You are told what goes to: ${names}.`,
  noReceiver: 'Nothing is sent to you by web push yet. In plimsoll.yml, a channel must name you:',
  // For push-page.js.
  say: {
    isTold: 'Notifications are on for this device.',
    isNotTold: 'Notifications are off for this device.',
    needsHttps:
      'Browsers allow this only on pages that come by https (or from the same machine). Open the https address of this service; whoever runs it puts a proxy with a certificate in front and sets external_url.',
    needsHomeScreen:
      'On iPhone and iPad this needs an app on the home screen: touch Share, then “Add to Home Screen”, and open Plimsoll from there. iOS 16.4 or newer.',
    unable: 'This browser cannot do it. Current versions of Chrome, Edge, Firefox and Safari can.',
    denied:
      'Notifications of this page are blocked. Allow them in the settings of the browser for this page (touch the sign beside the address), then load the page again.',
    noService:
      'The push service of this browser cannot be reached from here. Chrome needs that of Google, Edge that of Microsoft, Firefox that of Mozilla, Safari that of Apple: another browser or network may do.',
    notAllowed: 'The browser was not allowed to show notifications.',
    wait: 'One moment …',
    begun: 'Done. Send a test to see it.',
    ended: 'Removed.',
    sent: 'Sent. It shows up in a few seconds, if notifications are not muted on the device.',
    failed: 'That did not work:',
    thisOne: 'this device',
    since: 'since {}',
    told: 'last told {}',
    neverTold: 'not told anything yet',
    test: 'Send a test',
    remove: 'Remove',
  },
}

const zh: typeof en = {
  title: '通知',
  why: '有告警通知您时，此浏览器会弹出通知，浏览器关闭时也可送达。',
  loading: '请稍候……',
  noScripts: '此页面需要 JavaScript。',
  name: '此设备的名称',
  begin: '在此设备上通知我',
  devices: '您的设备',
  none: '暂无设备。',
  receivers: names => `您会收到发往以下接收者的通知：${names}。`,
  noReceiver: '目前没有任何通知会通过 Web 推送发给您。请在 plimsoll.yml 的渠道中写上您的用户名：',
  say: {
    isTold: '此设备已开启通知。',
    isNotTold: '此设备尚未开启通知。',
    needsHttps:
      '浏览器只允许通过 https 打开的页面（或本机页面）接收推送。请使用本服务的 https 地址；由管理员在前面配置带证书的代理并设置 external_url。',
    needsHomeScreen:
      '在 iPhone 和 iPad 上，需要先把它添加到主屏幕：点“共享”，选“添加到主屏幕”，再从主屏幕打开 Plimsoll。需要 iOS 16.4 或更高版本。',
    unable: '此浏览器不支持推送。请使用新版 Chrome、Edge、Firefox 或 Safari。',
    denied: '此页面的通知已被禁止。请在浏览器的网站设置中允许通知（点地址栏旁的图标），然后刷新页面。',
    noService:
      '无法连接此浏览器的推送服务。Chrome 依赖谷歌、Edge 依赖微软、Firefox 依赖 Mozilla、Safari 依赖苹果的推送服务；请换一个浏览器或网络再试。',
    notAllowed: '未获得显示通知的权限。',
    wait: '请稍候……',
    begun: '已开启。可以发送一条测试通知。',
    ended: '已移除。',
    sent: '已发送。如果设备没有静音通知，几秒内即可看到。',
    failed: '操作失败：',
    thisOne: '本设备',
    since: '添加于 {}',
    told: '最近通知于 {}',
    neverTold: '尚未通知过',
    test: '发送测试',
    remove: '移除',
  },
}

export const pushTexts: Readonly<Record<Language, typeof en>> = { en, zh }

// Of the notification that somebody sends himself.
export const trialWords = {
  en: { title: 'Plimsoll: a test', body: 'Notifications arrive on this device.', lang: 'en' },
  zh: { title: 'Plimsoll：测试', body: '此设备可以收到通知。', lang: 'zh' },
} as const satisfies Record<Language, object>

// The manifest is what makes it an app of the home screen, without which iOS shows no notifications.
const head: Html = html`<link rel="manifest" href="/push.webmanifest">
<link rel="apple-touch-icon" href="/push-icon.png">
<style>
#devices{list-style:none;margin:0;padding:0}
#devices li{padding:.75rem 0;border-top:1px solid var(--line);overflow-wrap:anywhere}
#devices p{margin:.1rem 0}
#push button{margin:.75rem .5rem 0 0;min-height:2.75rem}
#begin button{width:100%}
button.quiet{color:var(--mark);background:none;border:1px solid var(--line)}
button:disabled{opacity:.5}
#state{font-size:1.1rem;font-weight:550}
#state.bad{font-size:1rem;font-weight:400}
#said:empty{margin:0}
[hidden]{display:none}
</style>`

export type PushPage = Readonly<{ user: string; receivers: readonly string[] }>

export function pushPage({ user, receivers }: PushPage, language: Language): string {
  const text = pushTexts[language]
  const example = `channels:\n  on-call:\n    web-push:\n      users: [${JSON.stringify(user)}]`
  const body = html`<div id="push" class="card" data-say="${JSON.stringify(text.say)}">
<h1>${text.title}</h1>
<p>${text.why}</p>
<p id="state" role="status">${text.loading}</p>
<noscript><p class="bad">${text.noScripts}</p></noscript>
<form id="begin" hidden>
<label>${text.name}<input id="name" maxlength="60" autocomplete="off"></label>
<button>${text.begin}</button>
</form>
<p id="said" role="status"></p>
<h2>${text.devices}</h2>
<p id="none" class="soft" hidden>${text.none}</p>
<ul id="devices"></ul>
${receivers.length > 0 ? html`<p class="soft">${text.receivers(receivers.join(' · '))}</p>` : html`<p class="soft">${text.noReceiver}</p><pre>${example}</pre>`}
</div>
<script src="/push-page.js"></script>`
  return frame({ title: text.title, body, language, head })
}
