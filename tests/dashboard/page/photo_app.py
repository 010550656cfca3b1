"""A page that asks for a visitor's own photo and says what it has; `?lang=zh` in Chinese. Served as the app is."""

from __future__ import annotations

import streamlit as st


def show() -> None:
    from dashboard.app.language import Texts
    from dashboard.page import photo

    words = Texts(st.query_params.get("lang", "en"), "common")
    st.title(words("photo.file"), anchor=False)
    told = st.session_state.setdefault("told", [])
    one = photo.ask("trial", words, then=lambda: told.append("then"))
    st.markdown(f"{one!r} {one.width} × {one.height} {len(told)}" if one else f"none {len(told)}")


if __name__ == "__main__":
    show()
else:
    from dashboard.app import hosting

    app = st.App(__file__, **hosting.served())
