"use strict";
// The page to work on: sends dropped files, follows the collection, asks commands. What is shown is put in as text;
// only the page's own server sends markup.
(() => {
  const at = (id) => document.getElementById(id);
  const drop = at("drop"), files = at("files"), going = at("going"), doing = at("doing"), far = at("far"),
    told = at("told"), came = at("came"), units = at("units");
  const TOGETHER = 3, SHOWN = 200, SOON = 700, LATER = 20000;

  const say = (words, bad = false) => {
    told.textContent = words;
    told.classList.toggle("bad", bad);
  };
  const ask = async (where, body) => {
    try {
      const answer = await fetch(where, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
      const said = answer.headers.get("Content-Type").includes("json") ? await answer.json() : { words: await answer.text() };
      return { well: answer.ok, ...said };
    } catch {
      return { well: false, words: "连不上村汇：可能已经停了，请重新打开。" };
    }
  };

  const put = async (where, file) => {
    const answer = await fetch(`${where}/${encodeURIComponent(file.name.replaceAll("/", "／"))}`, { method: "PUT", body: file });
    const said = answer.headers.get("Content-Type").includes("json") ? await answer.json() : { words: await answer.text() };
    return { well: answer.ok, ...said };
  };

  // ---- settings and roster, checked as typed
  for (const form of document.querySelectorAll("form.text")) {
    const text = form.querySelector("textarea"), checked = form.querySelector(".checked"), button = form.querySelector("button");
    const send = (save) => ask(`/settings/${form.dataset.which}`, { text: text.value, save, mark: form.dataset.mark });
    const show = (said) => {
      checked.textContent = said.words;
      checked.classList.toggle("bad", !said.well);
      button.disabled = !said.well;
    };
    let waiting = 0;
    text.addEventListener("input", () => {
      button.disabled = true;
      clearTimeout(waiting);
      waiting = setTimeout(async () => show(await send(false)), 500);
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const said = await send(true);
      form.dataset.mark = said.mark ?? form.dataset.mark;
      show(said);
    });
  }
  // ---- a township that begins
  for (const form of document.querySelectorAll("form.begin")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = form.querySelector("button"), roster = form.elements.units.files[0];
      button.disabled = true;
      say("正在建……");
      const kept = await put("/roster", roster);
      const said = kept.well ? await ask("/do/begin", Object.fromEntries([...new FormData(form)].filter(([name]) => name !== "units"))) : kept;
      button.disabled = said.well;
      say(said.words, !said.well);
      at("on").hidden = !said.well;
    });
  }
  if (!drop) return;

  // ---- what each file that has just come turned out to be
  const sent = new Map();
  const settle = () => {
    for (const [name, line] of sent) {
      const row = [...units.querySelectorAll("[data-file]")].find((each) => each.dataset.file === name || each.dataset.file.startsWith(`${name}/`));
      if (!row) continue;
      const state = row.querySelector(".state"), more = row.nextElementSibling;
      const found = more?.classList.contains("more") ? [...more.querySelectorAll("li")].slice(0, 3) : [...row.querySelectorAll("p")];
      const word = document.createElement("span");
      word.className = "state";
      word.textContent = ` ${row.dataset.unit ?? ""} ${state.textContent}`;
      line.dataset.state = row.dataset.state;
      line.replaceChildren(name, word, ...found.map((each) => {
        const words = document.createElement("p");
        words.textContent = each.textContent;
        return words;
      }));
    }
  };
  const refresh = async () => {
    const answer = await fetch("/units");
    if (!answer.ok) return;
    units.innerHTML = await answer.text();
    settle();
  };

  // ---- how far the collection is
  let running = false, waiting = 0;
  const follow = async () => {
    clearTimeout(waiting);
    try {
      const now = await (await fetch("/state")).json();
      going.hidden = !now.running;
      if (now.running) {
        const { done, total } = now.running;
        doing.textContent = total ? `正在读取报表：${done} / ${total}` : "正在汇总……";
        total ? (far.max = total, far.value = done) : far.removeAttribute("value");
      } else if (running) {
        await refresh();
        say(now.last.well ? "汇总做完了。" : now.last.words, !now.last.well);
      }
      running = Boolean(now.running);
    } catch {
      say("连不上村汇：可能已经停了，请重新打开。", true);
    }
    waiting = setTimeout(follow, running ? SOON : LATER);
  };
  const collect = async () => {
    const said = await ask("/run", {});
    if (!said.well) return say(said.words, true);
    running = true;
    follow();
  };

  // ---- files: dropped or chosen, many, folders
  const within = async (entry) => {
    if (entry.isFile) return [await new Promise((good, bad) => entry.file(good, bad))];
    const reader = entry.createReader(), found = [];
    for (let some; (some = await new Promise((good, bad) => reader.readEntries(good, bad))).length; ) {
      for (const each of some) found.push(...await within(each));
    }
    return found;
  };
  const send = async (file) => {
    const line = document.createElement("li");
    line.textContent = `${file.name}：正在收……`;
    came.prepend(line);
    while (came.children.length > SHOWN) came.lastChild.remove();
    try {
      const said = await put("/files", file);
      if (!said.well) {
        line.textContent = said.words;
        line.classList.add("bad");
        return false;
      }
      line.textContent = said.new ? `${said.name}：已收到` : `${said.name}：和已经收到的一模一样`;
      sent.set(said.name, line);
      return true;
    } catch {
      line.textContent = `${file.name}：没有收到，请再拖一次`;
      line.classList.add("bad");
      return false;
    }
  };
  const take = async (list) => {
    if (!list.length) return;
    sent.clear();
    came.replaceChildren();
    say(`正在收 ${list.length} 个文件……`);
    let next = 0, good = 0;
    const work = async () => {
      while (next < list.length) good += await send(list[next++]);
    };
    await Promise.all(Array.from({ length: TOGETHER }, work));
    say(good === list.length ? `收到 ${good} 个文件，开始汇总。` : `收到 ${good} 个，没有收下 ${list.length - good} 个。`, good < list.length);
    if (good) await collect();
  };
  for (const kind of ["dragenter", "dragover"]) {
    document.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  for (const kind of ["dragleave", "drop"]) document.addEventListener(kind, () => drop.classList.remove("over"));
  document.addEventListener("drop", async (event) => {
    event.preventDefault();
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const found = entries.length ? (await Promise.all(entries.map(within))).flat() : [...event.dataTransfer.files];
    take(found);
  });
  files.addEventListener("change", () => {
    take([...files.files]);
    files.value = "";
  });

  // ---- commands of a question or two
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-do]");
    if (!form) return;
    event.preventDefault();
    command(form.dataset.do, Object.fromEntries(new FormData(form)), form.querySelector("button"));
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-do]");
    if (button) command(button.dataset.do, { folder: button.dataset.folder ?? "" }, button);
  });
  const command = async (what, body, button) => {
    button.disabled = true;
    say("正在做……");
    const said = await ask(`/do/${what}`, body);
    button.disabled = false;
    say(said.words || "做好了。", !said.well);
    if (["correct", "withdraw", "figure"].includes(what) && said.well) {
      running = true;
      follow();
    } else if (what !== "open") refresh();
    told.scrollIntoView({ block: "nearest" });
  };
  at("again").addEventListener("click", collect);
  follow();
})();
