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

  // Streamlit stays blank for as long as it has no websocket, and says nothing.
  let [waited, connected] = [0, false]
  const look = () => {
    page.lang = language()
    for (const code of document.querySelectorAll("pre")) code.tabIndex = 0 // what scrolls is scrolled by keys, too
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
