# What the bot writes by itself.
