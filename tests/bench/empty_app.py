"""What a page costs that shows nothing: the app's settings, theme and menu.

One page is empty, one has a slider, and one as many plain sentences as Throw has elements and containers. The menu has
as many more entries as EMPTY_MENU says.
"""

import base64
import os
from functools import partial
from pathlib import Path

import streamlit as st


def empty() -> None:
    """Nothing at all."""


def slider() -> None:
    """A knob, and a sentence that says where it stands."""
    st.markdown(f"At {st.slider('Turn', 0, 1000, 500, key='turn')}")


def sentences() -> None:
    """What Streamlit itself takes for so many elements."""
    for _ in range(80):
        st.markdown("A sentence.")


ICON = "data:image/svg+xml;base64," + base64.b64encode(Path("assets/images/favicon.svg").read_bytes()).decode()
st.set_page_config(page_title="Empty", page_icon=ICON, layout="wide")
pages = [st.Page(empty, default=True), st.Page(slider), st.Page(sentences)]
pages += [st.Page(partial(empty), title=f"{n}", url_path=f"{n}") for n in range(int(os.environ.get("EMPTY_MENU", "0")))]
st.navigation(pages, position="top").run()
