"""What every room may use: access, Markdown, forms, template tags, components and style."""
