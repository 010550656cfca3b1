// Runs in the page before Streamlit does; dashboard/app/index_page.py puts it there.
(() => {
  const page = document.documentElement
  const spoken = page.dataset.languages.split(" ")
  const told = (tag) => spoken.find((one) => tag.split(/[-_]/)[0].toLowerCase() === one)
  const usual = (host) => host.replace(/:(80|443)$/, "")

  // As dashboard/app/menu.py picks it, so that the page is read aloud in the language that it is written in.
  const language = () => {
    const asked = new URLSearchParams(location.search).getAll("lang").at(-1)
    return told(asked ?? "") ?? told(navigator.language ?? "") ?? spoken[0]
  }

  // Else Streamlit looks for its server below the page's own address first, and meets a 404 or two.
  window.__streamlit = { BACKEND_BASE_URL: new URL(page.dataset.base, location.origin).href }

  // Streamlit makes an entry of the browser's history of every address that a page writes, and one more where it turns to
  // another page. Here an act of the visitor's is one at most; language and reveal are none, since Back keeps them.
  let acted = false
  const push = history.pushState
  const apart = ({ pathname, searchParams }) => {
    for (const name of ["lang", "reveal"]) searchParams.delete(name)
    return `${pathname}?${searchParams}`
  }
  history.pushState = (state, title, address) => {
    const entry = acted && apart(new URL(location.href)) !== apart(new URL(address, location.href))
    entry ? push.call(history, state, title, address) : history.replaceState(state, title, address)
    if (entry) acted = false
  }
  for (const act of ["pointerdown", "keydown", "click"]) addEventListener(act, () => (acted = true), true)

  // Where days pass in a chart, they do so by themselves once asked: a button beside the slider that Vega makes of them.
  const LASTS = 4000 // ms, all days
  const word = (names) => names.split("|")[spoken.indexOf(page.lang)]
  const playable = (slider) => {
    const button = Object.assign(document.createElement("button"), { type: "button" })
    let at = null // the day, to more digits than the slider has; null while none pass
    const show = () => {
      button.textContent = at === null ? "▶" : "❚❚"
      button.ariaLabel = button.title = word(at === null ? page.dataset.play : page.dataset.pause)
    }
    const pass = (then) => requestAnimationFrame((now) => {
      if (at === null || !slider.isConnected) return
      at = Math.min(slider.max, at + (slider.max * (now - then)) / LASTS)
      slider.value = at
      slider.dispatchEvent(new Event("input"))
      if (at < slider.max) return pass(now)
      at = null
      show()
    })
    button.onclick = () => {
      at = at !== null ? null : Number(slider.value) < Number(slider.max) ? Number(slider.value) : 0
      show()
      if (at !== null) pass(performance.now())
    }
    slider.addEventListener("input", ({ isTrusted }) => {
      if (isTrusted) at = null
      show()
    })
    show()
    slider.closest(".vega-bind").append(button)
  }

  // Streamlit stays blank for as long as it has no websocket, and says nothing.
  let [waited, connected] = [0, false]
  const look = () => {
    page.lang = language()
    for (const code of document.querySelectorAll("pre")) code.tabIndex = 0 // what scrolls is scrolled by keys, too
    for (const slider of document.querySelectorAll(".vega-bind:not(:has(button)) input[name=day]")) playable(slider)
    if (connected) return
    connected = document.querySelector("[data-test-connection-state=CONNECTED]") !== null
    if (document.getElementById("root")?.childElementCount) waited += 1
    const cause = page.dataset.hosts.split(",").some((host) => usual(host.trim()) === location.host) ? "line" : "host"
    for (const sentence of document.querySelectorAll("[data-unreached]"))
      sentence.hidden = connected || waited < 6 || sentence.dataset.unreached !== cause || sentence.lang !== page.lang
  }
  page.lang = language()
  setInterval(look, 1000)
})()
