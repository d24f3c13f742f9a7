"""From one configuration file per environment to components: parse, harden, translate, compose."""
