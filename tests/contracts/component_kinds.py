"""How many kinds of things a component makes."""

MOST_KINDS = 8


def kinds_in(planned):
    """Each component to the types of its children."""
    components = [resource for resource in planned if resource.is_component]
    return {component.key: sorted({child.type for child in planned.children(component)}) for component in components}
