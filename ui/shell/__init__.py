"""What every page shares: menus, messages, help, shortcuts, theme and preferences."""
