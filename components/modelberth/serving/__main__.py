from modelberth.serving.server import main

raise SystemExit(main())
