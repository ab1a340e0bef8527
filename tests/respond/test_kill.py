import pytest
from .killing import Nurseries, Nursery, LATER
@pytest.fixture(scope="module")
def nurseries(tmp_path_factory):
    simulation = tmp_path_factory.mktemp("simulation")
    lab, stanch = Nursery("lab", str(simulation)), Nursery("stanch")
    yield Nurseries(lab, stanch, simulation)
    lab.close(); stanch.close()

@pytest.mark.parametrize("sc",["crypto_mining","leaked_user_key","stolen_instance_credentials"])
def test_x(nurseries, tmp_path, sc):
    import time
    t=time.time()
    def lap(s):
        nonlocal t; n=time.time(); print(f"{s}: {n-t:.2f}"); t=n
    with nurseries.site(tmp_path/"a", sc) as site:
        lap("site")
        import pprint
        pprint.pprint(site.aws); lap("aws")
        e=site.respond(); lap("respond"); print(e); print(e.stdout[-300:])
        pprint.pprint(site.aws); lap("aws")
        print(site.changes, site.states, site.armed, site.verify())
        site.clock.advance(LATER)
        lap("asserts")
        e=site.sweep(); lap("sweep"); print(e)
        pprint.pprint(site.aws)
        print(site.changes, site.states, site.armed, site.verify())
        for f in site.facts[-12:]: print(f.key,f.body if type(f.body).__name__!="Called" else "")
