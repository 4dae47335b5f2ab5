"""What schemathesis is to take for a fault of the server: it judges by codes, and knows few."""

import schemathesis

FAULTS = {"INTERNAL", "UNAVAILABLE", "OVERLOADED", "TIMEOUT"}


@schemathesis.check
def sound(ctx, response, case):
    """Whatever is asked, the server answers in JSON, with codes, and has no fault itself."""
    assert response.status_code < 500, f"the status {response.status_code}"
    codes = {error["extensions"]["code"] for error in response.json().get("errors", [])}
    assert not codes & FAULTS, f"the code {codes & FAULTS}"
