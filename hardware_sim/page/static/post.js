// What stands about a hall: help buttons with their lamps, code scanners, loudspeakers.

const both = (zh, en) => `<span lang="zh">${zh}</span><span lang="en">${en}</span>`;

function element(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content.firstChild;
}

const POSTS = {
  help: {
    make: () => element(`<div class="post help-post"><i class="lamp"></i>
      <button class="mushroom" data-hand="press" aria-label="求助 help"><b>SOS</b></button><p data-place></p></div>`),
    show(post, view) {
      post.querySelector(".lamp").classList.toggle("lit", view.lamp);
      post.querySelector(".mushroom").classList.toggle("down", view.pressed);
      post.classList.toggle("cut", view.cut);
      post.querySelector("[data-place]").textContent = [view.place, view.cubicle].filter(Boolean).join(" · ");
    },
  },

  scanner: {
    make: () => element(`<div class="post scan-post"><div class="head"><i class="beam"></i><i class="lamp green"></i><i class="lamp red"></i></div>
      <form class="hand" data-hand-form="scan"><input name="code" required maxlength="2000" placeholder="A012" aria-label="码 code">
      <button type="submit">${both("扫码", "scan")}</button></form><p class="code" data-last></p></div>`),
    show(post, view) {
      post.querySelector(".green").classList.toggle("lit", view.green);
      post.querySelector(".red").classList.toggle("lit", view.red);
      post.classList.toggle("unplugged", !view.plugged);
      const last = post.querySelector("[data-last]");
      if (view.last && last.textContent !== view.last) flash(post);
      last.textContent = view.last;
    },
  },

  announcer: {
    make: () => element(`<div class="post speaker-post"><div class="box"><i class="cone"></i><i class="cone small"></i></div>
      <div class="said"><p class="now" data-now aria-live="polite"></p><meter min="0" max="0.25" value="0"></meter><ol data-said></ol></div></div>`),
    show(post, view) {
      said(post.querySelector("[data-now]"), view.text || "—");
      post.querySelector("meter").value = view.level;
      post.style.setProperty("--loud", Math.min(1, view.level * 5));
      post.classList.toggle("unplugged", !view.plugged);
      post.classList.toggle("muted", view.muted);
      const rows = view.said.map(({ seconds, level, text }) => {
        const row = element(`<li><span></span> <small>${seconds} s${level ? "" : " · 0"}</small></li>`);
        said(row.firstChild, text);
        return row;
      });
      post.querySelector("[data-said]").replaceChildren(...rows.reverse());
    },
  },
};

// A title holds both languages: 请… · Ticket…
function said(place, title) {
  const [zh, en] = title.split(" · ");
  place.replaceChildren(...Object.entries({ zh, en: en ?? zh }).map(([lang, text]) => Object.assign(document.createElement("span"), { lang, textContent: text })));
}

function flash(post) {
  post.classList.remove("read");
  void post.offsetWidth;
  post.classList.add("read");
}

export const isPost = (view) => view.kind in POSTS;

export function showPost(root, view) {
  if (root.kind !== view.kind) {
    root.kind = view.kind;
    root.replaceChildren(POSTS[view.kind].make());
  }
  POSTS[view.kind].show(root.firstChild, view);
}
