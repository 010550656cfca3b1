"""The entry for a host that installs what stands beside its main file: the same app as ../../streamlit_app.py."""

import sys
from pathlib import Path

import streamlit as st

ROOT = str(Path(__file__).parents[2])
if ROOT not in sys.path:  # Streamlit adds this file's own folder
    sys.path.append(ROOT)

if __name__ == "__main__":
    from dashboard.app import menu

    menu.show()
else:
    from dashboard.app import hosting

    app = st.App(__file__, **hosting.served())
