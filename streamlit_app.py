"""The entry: `streamlit run streamlit_app.py` starts Horizon. A host's is deploy/cloud/streamlit_app.py.

Streamlit imports this file to serve `app`, and runs it as `__main__` for every visitor. A host that knows nothing of
`app` does the latter only: then the pages are there without what dashboard/app/hosting.py adds.
"""

import streamlit as st

if __name__ == "__main__":
    from dashboard.app import menu

    menu.show()
else:
    from dashboard.app import hosting

    app = st.App(__file__, **hosting.served())
