"""What a page costs that shows nothing: the app's settings, theme and menu.

One page is empty, one has a slider, and one as many plain sentences as Throw has elements and containers.
"""

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


st.set_page_config(page_title="Empty", page_icon="assets/images/favicon.svg", layout="wide")
st.navigation([st.Page(empty, default=True), st.Page(slider), st.Page(sentences)], position="top").run()
